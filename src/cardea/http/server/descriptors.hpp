// File descriptors: how many there may be, and one kept in reserve for the moment they run out.
#pragma once

#include <cstddef>

namespace cardea::http {

/// How many connections the process may hold, given its limit of descriptors (raised as far as the
/// system lets it, and no further than `wanted` needs) and what everything else in it needs.
std::size_t connections_possible(std::size_t wanted);

/// One descriptor that is given up to take a connection off the queue and close it: a queue that
/// nobody can accept from would keep the accepting thread spinning.
class DescriptorReserve {
  public:
    DescriptorReserve();
    ~DescriptorReserve();
    DescriptorReserve(const DescriptorReserve&) = delete;
    DescriptorReserve& operator=(const DescriptorReserve&) = delete;
    /// Accepts from the listening socket and closes at once, a few times.
    void turn_away(int listening_socket);

  private:
    int descriptor_;
};

}  // namespace cardea::http
