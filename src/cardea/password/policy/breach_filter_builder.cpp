#include "cardea/password/policy/breach_filter_builder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cardea/password/policy/content_sum.hpp"

namespace cardea::password {
namespace {

/// Entries after which the pages that they touched are given back: at worst one each.
constexpr std::uint64_t entries_between = 16'384;

std::unexpected<Error> unwritable(const std::string& path, int error) {
    return fail(filter_unwritable, fmt::format("{}: {}", path, std::strerror(error)));
}

/// A file under a name of its own, mapped while it is written. Removed unless publish() was called.
class NewFile {
  public:
    explicit NewFile(std::string final_path)
        : final_path_(std::move(final_path)), path_(final_path_ + ".part") {}
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (memory_ != nullptr) ::munmap(memory_, size_);
        if (descriptor_ >= 0) ::close(descriptor_);
        if (descriptor_ >= 0 && !published_) ::unlink(path_.c_str());
    }

    /// Space is taken at once: a full disk is an error here and not a signal later.
    Result<void> open(std::uint64_t size) {
        size_ = size;
        descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (descriptor_ < 0) return unwritable(path_, errno);
        int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size));
        if (error != 0) return unwritable(path_, error);
        void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
        if (memory == MAP_FAILED) return unwritable(path_, errno);
        memory_ = static_cast<std::byte*>(memory);
        return {};
    }
    Result<void> publish() {
        if (::msync(memory_, size_, MS_SYNC) != 0 || ::fsync(descriptor_) != 0 ||
            ::rename(path_.c_str(), final_path_.c_str()) != 0) {
            return unwritable(final_path_, errno);
        }
        published_ = true;
        return {};
    }
    /// What was written stays in the page cache and leaves this process.
    void release() const { ::madvise(memory_, size_, MADV_DONTNEED); }

    std::span<std::byte> bytes() const { return {memory_, size_}; }

  private:
    std::string final_path_;
    std::string path_;
    int descriptor_ = -1;
    std::byte* memory_ = nullptr;
    std::size_t size_ = 0;
    bool published_ = false;
};

class Writer {
  public:
    Writer(NewFile& file, const FilterFacts& facts) : file_(file), facts_(facts) {}

    void add(const crypto::Sha1& key) {
        auto at = filter_header_size + block_of(key, facts_.blocks) * filter_block_size;
        // The header has the size of a block, so every block is aligned in the mapping.
        auto* block = reinterpret_cast<FilterBlock*>(file_.bytes().data() + at);
        set_bits(*block, key, facts_.probes);
        if (++added_ % entries_between == 0) file_.release();
    }
    FilterFacts finish() {
        facts_.entries = added_;
        facts_.content = content();
        std::ranges::copy(to_header(facts_), file_.bytes().begin());
        return facts_;
    }

  private:
    decltype(FilterFacts::content) content() const {
        ContentSum sum;
        auto blocks = file_.bytes().subspan(filter_header_size);
        while (!blocks.empty()) {
            auto piece = blocks.first(std::min(blocks.size(), ContentSum::piece_size));
            sum.add(piece);
            file_.release();
            blocks = blocks.subspan(piece.size());
        }
        return sum.value();
    }

    NewFile& file_;
    FilterFacts facts_;
    std::uint64_t added_ = 0;
};

using Progress = std::function<void(const FilterProgress&)>;

std::function<void(const ListProgress&)> step(FilterProgress::Step step, const Progress& progress) {
    if (!progress) return {};
    return [step, &progress](const ListProgress& list) { progress({step, list}); };
}

Result<std::uint64_t> count_entries(const std::string& list, const FilterOptions& options,
                                    const Progress& progress) {
    if (options.entries > 0) return options.entries;
    if (list == "-") return fail(list_unreadable, "of standard input the number must be told");
    auto counted = read_list(
        list, options.list, [](const crypto::Sha1&) {},
        step(FilterProgress::Step::counting, progress));
    if (!counted) return std::unexpected(counted.error());
    return counted->entries;
}

}  // namespace

Result<BuiltFilter> build_filter(const std::string& list, const std::string& path,
                                 const FilterOptions& options, const Progress& progress) {
    auto entries = count_entries(list, options, progress);
    if (!entries) return std::unexpected(entries.error());
    auto plan = plan_filter(*entries, options.bits_per_entry);
    NewFile file(path);
    auto opened = file.open(plan.file_size());
    if (!opened) return std::unexpected(opened.error());
    Writer writer(file, plan);
    auto read = read_list(
        list, options.list, [&writer](const crypto::Sha1& key) { writer.add(key); },
        step(FilterProgress::Step::writing, progress));
    if (!read) return std::unexpected(read.error());
    BuiltFilter built{writer.finish(), read->skipped};
    auto published = file.publish();
    if (!published) return std::unexpected(published.error());
    return built;
}

}  // namespace cardea::password
