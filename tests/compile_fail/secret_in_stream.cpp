// A Secret cannot be written to a stream.
#include <ostream>

#include "cardea/base/secret.hpp"

void show(std::ostream& out, const cardea::SecretText& secret) {
#ifdef WRONG
    out << secret;
#else
    out << secret.size();
#endif
}
