// The settings of password hashing: section [password].
#pragma once

#include <boost/describe/enum.hpp>

#include "cardea/schema/described.hpp"

namespace cardea::password {

enum class KernelName { lanes, libxcrypt };
BOOST_DESCRIBE_ENUM(KernelName, lanes, libxcrypt)

struct Settings {
    int cost = 10;
    int maximum_cost = 16;
    KernelName kernel = KernelName::lanes;
    int lanes = 0;
    int threads = 0;
    int queue_limit = 128;
    int nice = 5;
};
DESCRIBED(Settings,
          (cost, "bcrypt's cost of new hashes; each step doubles the work.",
           schema::between(4, 31)),
          (maximum_cost, "Stored hashes of a higher cost are not checked.", schema::between(4, 31)),
          (kernel,
           "What computes bcrypt: lanes is several passwords at once on each thread; libxcrypt is "
           "the system's library, one after the other."),
          (lanes,
           "Passwords that a thread computes at once; 0 is what this machine does best, measured "
           "at the start.",
           schema::between(0, 8)),
          (threads, "Threads that hash; 0 is one a core.", schema::between(0, 256)),
          (queue_limit, "Hashes that may wait; more are refused with password.busy.",
           schema::between(1, 100'000)),
          (nice, "Added to the hashing threads' nice value, so that I/O goes first.",
           schema::between(0, 19)))

}  // namespace cardea::password
