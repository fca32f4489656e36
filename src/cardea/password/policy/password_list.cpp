#include "cardea/password/policy/password_list.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "cardea/base/bytes.hpp"
#include "cardea/password/password.hpp"
#include "cardea/password/policy/breach_filter.hpp"

namespace cardea::password {
namespace {

constexpr std::size_t piece_size = std::size_t{1} << 20U;
constexpr std::size_t longest_line = 4096;
constexpr std::size_t hex_size = 2 * sizeof(crypto::Sha1);

int value_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<crypto::Sha1> sha1_of(std::string_view hex) {
    crypto::Sha1 sum{};
    for (std::size_t i = 0; i < sum.size(); ++i) {
        int high = value_of(hex[2 * i]);
        int low = value_of(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        sum[i] = static_cast<std::byte>(high * 16 + low);
    }
    return sum;
}

struct HashLine {
    crypto::Sha1 sum{};
    std::uint64_t count = 0;
};

std::optional<HashLine> parse_hash_line(std::string_view line, std::uint64_t count_if_none) {
    if (line.size() < hex_size) return std::nullopt;
    auto sum = sha1_of(line.substr(0, hex_size));
    if (!sum) return std::nullopt;
    auto rest = line.substr(hex_size);
    if (rest.empty()) return HashLine{*sum, count_if_none};
    if (rest.front() != ':') return std::nullopt;
    rest.remove_prefix(1);
    HashLine found{*sum, 0};
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), found.count);
    if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
    return found;
}

class Reader {
  public:
    Reader(const ListOptions& options, const std::function<void(const crypto::Sha1&)>& entry)
        : options_(options), entry_(entry) {}

    /// Takes whole lines; the last one may lack its end.
    Result<void> take(std::string_view line) {
        ++line_;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (options_.lines == Lines::detect)
            options_.lines = parse_hash_line(line, 1) ? Lines::sha1 : Lines::plain;
        return options_.lines == Lines::sha1 ? take_hash(line) : take_plain(line);
    }
    /// A line that is longer than any password.
    Result<void> take_too_long() {
        ++line_;
        if (options_.lines == Lines::sha1) return no_hash();
        options_.lines = Lines::plain;
        return skip();
    }

    ListProgress progress;

  private:
    Result<void> take_hash(std::string_view line) {
        if (line.empty()) return skip();
        auto found = parse_hash_line(line, options_.at_least);
        if (!found) return no_hash();
        if (found->count < options_.at_least) return skip();
        return keep(found->sum);
    }
    Result<void> take_plain(std::string_view line) {
        auto normal = normalise(line);
        if (line.empty() || !normal) return skip();
        return keep(breach_key_of(normal->reveal()));
    }
    std::unexpected<Error> no_hash() const {
        return fail(list_unreadable, fmt::format("line {} is no SHA-1", line_));
    }
    Result<void> keep(const crypto::Sha1& key) {
        ++progress.entries;
        entry_(key);
        return {};
    }
    Result<void> skip() {
        ++progress.skipped;
        return {};
    }

    ListOptions options_;
    const std::function<void(const crypto::Sha1&)>& entry_;
    std::uint64_t line_ = 0;
};

/// The lines of a stream of pieces.
class LineSplitter {
  public:
    explicit LineSplitter(Reader& reader) : reader_(reader) {}

    Result<void> take(std::string_view piece) {
        while (true) {
            auto end = piece.find('\n');
            if (end == std::string_view::npos) break;
            auto taken = finish(piece.substr(0, end));
            if (!taken) return taken;
            piece.remove_prefix(end + 1);
        }
        begin(piece);
        return {};
    }
    Result<void> end() {
        if (begun_.empty() && !too_long_) return {};
        return finish({});
    }

  private:
    void begin(std::string_view part) {
        if (begun_.size() + part.size() > longest_line) {
            too_long_ = true;
            begun_.clear();
        }
        if (!too_long_) begun_ += part;
    }
    Result<void> finish(std::string_view rest) {
        bool too_long = too_long_ || begun_.size() + rest.size() > longest_line;
        too_long_ = false;
        if (too_long) {
            begun_.clear();
            return reader_.take_too_long();
        }
        if (begun_.empty()) return reader_.take(rest);
        begun_ += rest;
        auto taken = reader_.take(begun_);
        begun_.clear();
        return taken;
    }

    Reader& reader_;
    std::string begun_;
    bool too_long_ = false;
};

struct Input {
    explicit Input(const std::string& path)
        : descriptor(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input() {
        if (descriptor > STDIN_FILENO) ::close(descriptor);
    }

    /// Nothing at the end.
    Result<std::size_t> read(std::string& into) const {
        while (true) {
            auto count = ::read(descriptor, into.data(), into.size());
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) return fail(list_unreadable, std::strerror(errno));
        }
    }

    int descriptor;
};

}  // namespace

Result<ListProgress> read_list(const std::string& path, const ListOptions& options,
                               const std::function<void(const crypto::Sha1&)>& entry,
                               const std::function<void(const ListProgress&)>& progress) {
    Input input(path);
    if (input.descriptor < 0)
        return fail(list_unreadable, fmt::format("{}: {}", path, std::strerror(errno)));
    Reader reader(options, entry);
    LineSplitter lines(reader);
    std::string piece(piece_size, '\0');
    while (true) {
        auto size = input.read(piece);
        if (!size) return std::unexpected(size.error());
        if (*size == 0) break;
        auto taken = lines.take(std::string_view(piece).substr(0, *size));
        if (!taken) return std::unexpected(taken.error());
        reader.progress.bytes += *size;
        if (progress) progress(reader.progress);
    }
    auto ended = lines.end();
    if (!ended) return std::unexpected(ended.error());
    return reader.progress;
}

}  // namespace cardea::password
