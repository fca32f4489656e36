// How long the disk takes to make a page durable.
#pragma once

#include <string>
#include <vector>

namespace cardea::bench {

/// Measured on a file of its own in that folder.
class SyncTime {
  public:
    explicit SyncTime(const std::string& folder);
    ~SyncTime();
    SyncTime(const SyncTime&) = delete;
    SyncTime& operator=(const SyncTime&) = delete;

    /// Writes pages, each followed by an fdatasync that is timed.
    void sample();
    double median_us() const;

  private:
    int file_;
    std::vector<double> times_us_;
};

}  // namespace cardea::bench
