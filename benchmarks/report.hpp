// Figures as lines of JSON, and the bounds that they must keep.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::bench {

struct Figure {
    std::string name;
    double value = 0;
    std::string unit;
    std::optional<double> baseline = {};
    std::optional<double> ratio = {};
    std::string note = {};
};

/// Prints one JSON object a line: {"bench","case","value","unit","baseline","ratio"} and, where
/// there is something to say, "note".
class Report {
  public:
    explicit Report(std::string bench) : bench_(std::move(bench)) {}

    void add(const Figure& figure) const;
    /// Prints the figure; a value (or ratio) beyond its bound fails the bench.
    void add_at_most(const Figure& figure, double bound);
    void add_ratio_at_least(const Figure& figure, double bound);
    void add_ratio_at_most(const Figure& figure, double bound);

    /// Says on standard error which bounds were missed; what main() returns.
    int end() const;

  private:
    std::string bench_;
    std::vector<std::string> missed_;
};

/// The body of a bench's main(): what it throws is said on standard error, and fails the bench.
int guarded(std::string_view bench, const std::function<int()>& run);

double median(std::vector<double> values);

/// A figure beside its baseline, both measured in the same rounds. The ratio is the median of the
/// rounds' ratios: what else runs on the machine meets the two sides of a round alike.
Figure compare(std::string name, std::string unit, const std::vector<double>& values,
               const std::vector<double>& baselines);

}  // namespace cardea::bench
