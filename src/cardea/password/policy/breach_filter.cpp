#include "cardea/password/policy/breach_filter.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cardea/password/policy/content_sum.hpp"

namespace cardea::password {

struct BreachFilter::File {
    explicit File(int opened) : descriptor(opened) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }

    /// As many bytes as there are at a place, at most those of `out`.
    Result<std::size_t> read(std::span<std::byte> out, std::uint64_t at) const {
        std::size_t done = 0;
        while (done < out.size()) {
            auto count = ::pread(descriptor, out.data() + done, out.size() - done,
                                 static_cast<off_t>(at + done));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return fail(filter_unreadable, std::strerror(errno));
            if (count == 0) break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    int descriptor;
};

Result<BreachFilter> BreachFilter::open(const std::string& path) {
    auto file =
        std::make_shared<const File>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status{};
    if (file->descriptor < 0 || ::fstat(file->descriptor, &status) != 0)
        return fail(filter_unreadable, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return fail(filter_malformed, "it is no file");
    FilterHeader header{};
    auto size = file->read(header, 0);
    if (!size) return std::unexpected(size.error());
    auto facts =
        parse_header(ByteView(header).first(*size), static_cast<std::uint64_t>(status.st_size));
    if (!facts) return std::unexpected(facts.error());
    return BreachFilter(std::move(file), *facts);
}

Result<bool> BreachFilter::contains(const crypto::Sha1& key) const {
    FilterBlock block{};
    auto at = filter_header_size + block_of(key, facts_.blocks) * filter_block_size;
    auto size = file_->read(block, at);
    if (!size) return std::unexpected(size.error());
    if (*size != block.size()) return fail(filter_unreadable, "the file was cut short");
    return has_bits(block, key, facts_.probes);
}

Result<void> BreachFilter::verify() const {
    ContentSum sum;
    Bytes piece(ContentSum::piece_size);
    auto left = facts_.blocks * filter_block_size;
    for (std::uint64_t at = filter_header_size; left > 0; at += piece.size()) {
        auto wanted = std::span(piece).first(std::min<std::uint64_t>(left, piece.size()));
        auto size = file_->read(wanted, at);
        if (!size) return std::unexpected(size.error());
        if (*size != wanted.size()) return fail(filter_malformed, "the file was cut short");
        sum.add(wanted);
        left -= wanted.size();
    }
    if (sum.value() != facts_.content) return fail(filter_malformed, "its content is damaged");
    return {};
}

crypto::Sha1 breach_key_of(std::string_view password) {
    return crypto::sha1(as_bytes(password));
}

}  // namespace cardea::password
