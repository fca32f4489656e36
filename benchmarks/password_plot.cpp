#include "benchmarks/password_plot.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace cardea::bench {

namespace {

constexpr double width = 720;
constexpr double height = 360;
constexpr double left = 60;
constexpr double bottom = 310;
constexpr double unit = 65;  // pixels for one crypt_r
constexpr double step = 66;  // pixels for one lane

double x_of(std::size_t lanes) {
    return left + step * static_cast<double>(lanes);
}

double y_of(double ratio) {
    return bottom - unit * ratio;
}

std::string line(double y, std::string_view label, std::string_view style) {
    return fmt::format(R"(<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" {}/>)"
                       "\n"
                       R"(<text x="{}" y="{:.1f}" text-anchor="end">{}</text>)"
                       "\n",
                       left, y, width - 20, y, style, width - 20, y - 5, label);
}

std::string bar(std::size_t lanes, double ratio) {
    return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="36" height="{:.1f}" fill="#2a6f97"/>)"
                       "\n"
                       R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{:.2f}</text>)"
                       "\n"
                       R"(<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>)"
                       "\n",
                       x_of(lanes) - 48, y_of(ratio), unit * ratio, x_of(lanes) - 30,
                       y_of(ratio) - 6, ratio, x_of(lanes) - 30, bottom + 18, lanes);
}

std::string svg(const LaneRatios& ratios) {
    auto text = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" font-family="sans-serif" font-size="13">)"
        "\n"
        R"(<title>Hashes in the time that crypt_r takes for one, by the number of lanes</title>)"
        "\n"
        R"(<rect width="{}" height="{}" fill="#fff"/>)"
        "\n",
        width, height, width, height);
    for (std::size_t lanes = 1; lanes < ratios.lanes.size(); ++lanes) {
        text += bar(lanes, ratios.lanes[lanes]);
    }
    text += line(bottom, "", R"(stroke="#000")");
    text += line(y_of(1), "libxcrypt", R"(stroke="#888" stroke-dasharray="4 4")");
    if (ratios.john > 0) {
        text += line(y_of(ratios.john), "John the Ripper",
                     R"(stroke="#c44536" stroke-dasharray="4 4")");
    }
    text += fmt::format(
        R"(<text x="{}" y="{}" text-anchor="middle">passwords that one thread computes at once</text>)"
        "\n"
        R"(<text x="16" y="24">hashes in the time of one by libxcrypt</text>)"
        "\n</svg>\n",
        (left + width) / 2, height - 12);
    return text;
}

}  // namespace

void write_plot(const LaneRatios& ratios, const std::string& path) {
    std::ofstream file(path, std::ios::binary);
    file << svg(ratios);
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace cardea::bench
