#include "cardea/session/huge_pages.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace cardea::session {

namespace {

constexpr std::size_t most = std::size_t{1} << 47U;         // what a process can address
constexpr std::size_t small_page = std::size_t{64} << 10U;  // the largest in common use

std::size_t whole_pages(std::size_t bytes) {
    return (bytes + small_page - 1) / small_page * small_page;
}

std::pmr::memory_resource& heap() {
    return *std::pmr::new_delete_resource();
}

// The kernel aligns a mapping to small pages: a large page more is mapped, and what lies before and
// behind the aligned part is given back.
void* map(std::size_t bytes) {
    void* mapped = mmap(nullptr, bytes + HugePages::size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    auto* begin = static_cast<std::byte*>(mapped);
    auto past = reinterpret_cast<std::uintptr_t>(begin) % HugePages::size;
    auto before = (HugePages::size - past) % HugePages::size;
    if (before > 0) munmap(begin, before);
    munmap(begin + before + bytes, HugePages::size - before);
    return begin + before;
}

}  // namespace

void* HugePages::do_allocate(std::size_t bytes, std::size_t alignment) {
    if (bytes < size) return heap().allocate(bytes, alignment);
    if (bytes > most || alignment > size) throw std::bad_alloc();
    auto* memory = map(whole_pages(bytes));
    // Refused where the kernel has no huge pages; then these are ordinary ones.
    (void)madvise(memory, whole_pages(bytes), MADV_HUGEPAGE);
    return memory;
}

void HugePages::do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) {
    if (bytes < size) return heap().deallocate(memory, bytes, alignment);
    munmap(memory, whole_pages(bytes));
}

bool HugePages::do_is_equal(const memory_resource& other) const noexcept {
    return dynamic_cast<const HugePages*>(&other) != nullptr;
}

}  // namespace cardea::session
