#include "benchmarks/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace cardea::bench {

namespace {

std::string number_or_null(const std::optional<double>& number) {
    return number ? fmt::format("{:.3f}", *number) : "null";
}

}  // namespace

void Report::add(const Figure& figure) const {
    auto note = figure.note.empty() ? "" : fmt::format(R"(,"note":"{}")", figure.note);
    fmt::print(
        R"({{"bench":"{}","case":"{}","value":{:.3f},"unit":"{}","baseline":{},"ratio":{}{}}})"
        "\n",
        bench_, figure.name, figure.value, figure.unit, number_or_null(figure.baseline),
        number_or_null(figure.ratio), note);
    std::fflush(stdout);
}

void Report::add_at_most(const Figure& figure, double bound) {
    add(figure);
    if (figure.value <= bound) return;
    missed_.push_back(fmt::format("{}: {:.3f} {}, and at most {} is wanted", figure.name,
                                  figure.value, figure.unit, bound));
}

void Report::add_ratio_at_least(const Figure& figure, double bound) {
    add(figure);
    if (figure.ratio && *figure.ratio >= bound) return;
    missed_.push_back(fmt::format("{}: {} times its baseline, and at least {} is wanted",
                                  figure.name, number_or_null(figure.ratio), bound));
}

void Report::add_ratio_at_most(const Figure& figure, double bound) {
    add(figure);
    if (figure.ratio && *figure.ratio <= bound) return;
    missed_.push_back(fmt::format("{}: {} times its baseline, and at most {} is wanted",
                                  figure.name, number_or_null(figure.ratio), bound));
}

int Report::end() const {
    for (const auto& line : missed_) fmt::print(stderr, "missed: {}: {}\n", bench_, line);
    if (missed_.empty()) return 0;
    double load = 0;
    (void)getloadavg(&load, 1);
    fmt::print(stderr, "The load average was {:.1f}, of which this bench makes about 2.\n", load);
    return 1;
}

int guarded(std::string_view bench, const std::function<int()>& run) {
    try {
        return run();
    } catch (const std::exception& e) {
        fmt::print(stderr, "bench {} failed: {}\n", bench, e.what());
        return 1;
    }
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Figure compare(std::string name, std::string unit, const std::vector<double>& values,
               const std::vector<double>& baselines) {
    std::vector<double> ratios;
    auto rounds = std::min(values.size(), baselines.size());
    for (std::size_t i = 0; i < rounds; ++i) ratios.push_back(values[i] / baselines[i]);
    return {std::move(name),   median(values), std::move(unit),
            median(baselines), median(ratios), {}};
}

}  // namespace cardea::bench
