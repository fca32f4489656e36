// Memory for what is large and read at random places.
#pragma once

#include <cstddef>
#include <memory_resource>

namespace cardea::session {

/// Pages of 2 MiB for what is as large as that, where the kernel grants them (`madvise` suffices);
/// ordinary ones where it does not, and the heap for what is smaller. With pages of 4 KiB, most
/// reads of a large table have to look up their page in memory first, which takes as long as the
/// read. Untouched memory costs nothing. Throws std::bad_alloc. Thread-safe.
class HugePages final : public std::pmr::memory_resource {
  public:
    static constexpr std::size_t size = std::size_t{2} << 20U;

  private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override;
    void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override;
    bool do_is_equal(const memory_resource& other) const noexcept override;
};

}  // namespace cardea::session
