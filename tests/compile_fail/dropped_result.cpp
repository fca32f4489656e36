// A Result that nobody looks at is an error.
#include "cardea/base/error.hpp"

cardea::Result<void> store();

cardea::Result<void> call() {
#ifdef WRONG
    store();
    return {};
#else
    return store();
#endif
}
