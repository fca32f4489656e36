// The same for an awaited Result. GCC 12 says nothing here, which is why CI asks Clang as well.
#include "cardea/runtime/coroutine.hpp"

cardea::Task<void> store();

cardea::Task<void> call() {
#ifdef WRONG
    co_await store();
    co_return cardea::Result<void>();
#else
    co_return co_await store();
#endif
}
