// The settings of password hashing: section [password].
#pragma once

#include "cardea/schema/described.hpp"

namespace cardea::password {

struct Settings {
    int cost = 10;
    int maximum_cost = 16;
    int threads = 0;
    int queue_limit = 128;
    int nice = 5;
};
DESCRIBED(Settings,
          (cost, "bcrypt's cost of new hashes; each step doubles the work.",
           schema::between(4, 31)),
          (maximum_cost, "Stored hashes of a higher cost are not checked.", schema::between(4, 31)),
          (threads, "Threads that hash; 0 is one a core.", schema::between(0, 256)),
          (queue_limit, "Hashes that may wait; more are refused with password.busy.",
           schema::between(1, 100'000)),
          (nice, "Added to the hashing threads' nice value, so that I/O goes first.",
           schema::between(0, 19)))

}  // namespace cardea::password
