// cardea password calibrate
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <thread>

#include "cardea/password/calibration.hpp"
#include "cardea/password/examination.hpp"
#include "cardea/schema/duration.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

constexpr auto shortest_target = 10ms;
constexpr auto longest_target = 60s;

constexpr Reason bad_target{Code::invalid, "cli.bad_target",
                            "--target wants a duration between 10ms and 60s, such as 250ms."};

struct Calibration {
    password::Speed speed;
    Milliseconds target{};
    unsigned cores = 1;

    int suggested() const { return password::suggest_cost(speed, target); }
    // Around the suggestion, and what the sign-in server of today is likely to have.
    int first() const { return 8; }
    int last() const { return std::min(std::max(14, suggested() + 2), password::highest_cost); }
};

std::string ms(std::chrono::duration<double> time) {
    return fmt::format("{:.1f} ms", time.count() * 1000);
}

void print(const Calibration& calibration) {
    const auto& speed = calibration.speed;
    auto lanes = fmt::format("{} LANES", speed.lanes);
    Table table({"COST", "ALONE", "AMONG " + std::to_string(speed.lanes), "ONE LANE", lanes, ""});
    for (int cost = calibration.first(); cost <= calibration.last(); ++cost) {
        table.add({std::to_string(cost), ms(speed.alone(cost)), ms(speed.crowded(cost)),
                   fmt::format("{:.2f}/s", speed.one_lane_per_second(cost)),
                   fmt::format("{:.2f}/s", speed.all_lanes_per_second(cost)),
                   cost == calibration.suggested() ? "suggested" : ""});
    }
    table.print("");
    std::cout << fmt::format(
        "\nSign-ins a second are those of one core; this machine has {}. Together, {} lanes do "
        "{:.2f} times the work of one.\nA sign-in alone within {} ms: write this into "
        "config.toml.\n\n[password]\ncost = {}\n",
        calibration.cores, speed.lanes, speed.all_lanes / speed.one_lane,
        calibration.target.count(), calibration.suggested());
    if (speed.alone(calibration.suggested()) > calibration.target) {
        std::cout << fmt::format(
            "\nThat takes longer than asked for, but less than {} protects "
            "nobody.\n",
            password::least_suggested_cost);
    }
}

double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

schema::JsonObject row(const password::Speed& speed, int cost) {
    return {{"cost", cost},
            {"alone_ms", rounded(speed.alone(cost).count() * 1000)},
            {"among_all_lanes_ms", rounded(speed.crowded(cost).count() * 1000)},
            {"one_lane_per_second", rounded(speed.one_lane_per_second(cost))},
            {"all_lanes_per_second", rounded(speed.all_lanes_per_second(cost))}};
}

void print_as_json(const Calibration& calibration) {
    schema::JsonArray costs;
    for (int cost = calibration.first(); cost <= calibration.last(); ++cost) {
        costs.push_back(row(calibration.speed, cost));
    }
    print_json(schema::JsonObject{{"target_ms", calibration.target.count()},
                                  {"suggested_cost", calibration.suggested()},
                                  {"lanes", calibration.speed.lanes},
                                  {"cores", calibration.cores},
                                  {"costs", std::move(costs)}});
}

int calibrate(const Invocation& invocation, const std::string& wanted) {
    auto target = schema::parse_duration(wanted);
    if (!target || *target < shortest_target || *target > longest_target) {
        return report(invocation, Error(bad_target, wanted));
    }
    const auto& machine = password::this_machine();
    if (!machine.passed) return report(invocation, machine.passed.error());
    Calibration calibration{password::measure_speed(machine.best_lanes, 1s), *target,
                            std::max(1U, std::thread::hardware_concurrency())};
    if (invocation.json) {
        print_as_json(calibration);
    } else {
        print(calibration);
    }
    return success;
}

/// `cardea password`, made by whoever comes first.
CLI::App& password_commands(CLI::App& app) {
    auto is_it = [](const CLI::App* one) { return one->get_name() == "password"; };
    auto there = app.get_subcommands(is_it);
    if (!there.empty()) return *there.front();
    auto* made = app.add_subcommand("password", "What passwords may be, and what they cost");
    made->require_subcommand(1);
    return *made;
}

}  // namespace

void add_password_calibrate(CLI::App& app, Invocation& invocation) {
    auto* command = password_commands(app).add_subcommand(
        "calibrate",
        "Measure this machine for two seconds: what each cost means here, and the highest one "
        "that keeps a sign-in within a time:\n  cardea password calibrate --target 250ms");
    auto target = std::make_shared<std::string>("250ms");
    command->add_option("--target", *target, "How long the hash of one sign-in may take")
        ->capture_default_str();
    command->callback([&invocation, target] {
        invocation.action = [&invocation, target] { return calibrate(invocation, *target); };
    });
}

}  // namespace cardea::cli
