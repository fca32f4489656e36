// The settings of password hashing: section [password].
#pragma once

#include <boost/describe/enum.hpp>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::password {

/// What becomes of a new password that does not fit into bcrypt's 72 bytes.
enum class LongPasswords {
    sha256,  ///< Stored as `$bcrypt-sha256$`: HMAC-SHA-256 first, then bcrypt.
    refuse,  ///< `password.too_long`. What is stored in the long form still verifies.
};
BOOST_DESCRIBE_ENUM(LongPasswords, sha256, refuse)

/// What new hashes are made with. Everything known is checked, whatever this says.
enum class Scheme { bcrypt, argon2id };
BOOST_DESCRIBE_ENUM(Scheme, bcrypt, argon2id)

enum class KernelName { lanes, libxcrypt };
BOOST_DESCRIBE_ENUM(KernelName, lanes, libxcrypt)

struct Settings {
    int cost = 10;
    int maximum_cost = 16;
    KernelName kernel = KernelName::lanes;
    int lanes = 0;
    int threads = 0;
    int queue_limit = 128;
    int nice = 10;

    // What may become a password.
    int minimum_length = 8;
    LongPasswords long_passwords = LongPasswords::sha256;
    std::vector<std::string> context_words{};
    std::string common_file{};
    std::string breached_filter{};

    // Hashes other than bcrypt.
    Scheme scheme = Scheme::bcrypt;
    int argon2_memory_mib = 19;
    int argon2_passes = 2;
    int maximum_memory_mib = 128;
    Seconds maximum_time = 2s;
    int other_threads = 0;
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
           schema::between(0, 19)),
          (minimum_length,
           "Characters a new password needs. NIST SP 800-63B-4 asks 15 where a password is "
           "all that protects an account.",
           schema::between(8, 64)),
          (long_passwords,
           "What becomes of a new password over bcrypt's 72 bytes: sha256 stores it as "
           "$bcrypt-sha256$, refuse says password.too_long."),
          (context_words,
           "Names that a new password may not be made of, besides this host's: your "
           "company, your product.",
           schema::may_be_missing()),
          (common_file,
           "A file of common passwords, one a line, at most 1 MiB; added to the built-in "
           "list."),
          (breached_filter,
           "A file made by `cardea password filter build`: passwords in it are refused."),
          (scheme,
           "What new hashes are made with: bcrypt or argon2id. Hashes made with anything else go "
           "on verifying and are replaced when their owner signs in."),
          (argon2_memory_mib, "Memory of an argon2id hash in MiB.", schema::between(8, 1024)),
          (argon2_passes, "argon2id's passes over that memory.", schema::between(1, 64)),
          (maximum_memory_mib,
           "Stored hashes that need more memory, in MiB, are not checked. Each of other_threads "
           "may take as much at once.",
           schema::between(8, 4096)),
          (maximum_time,
           "Stored hashes that would take longer, by an estimate from their parameters, are not "
           "checked.",
           schema::between(1s, 60s)),
          (other_threads, "Threads for hashes other than bcrypt; 0 is one a core.",
           schema::between(0, 256)))

}  // namespace cardea::password
