// libargon2 behind strict reading: nothing reaches it that could ask for more than was allowed.
#include "cardea/password/formats/argon2.hpp"

#include <argon2.h>
#include <fmt/format.h>

#include "cardea/base/text.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

constexpr std::uint64_t highest_u32 = 0xffffffff;

std::string_view name_of(Argon2Kind kind) {
    switch (kind) {
        case Argon2Kind::d:
            return "argon2d";
        case Argon2Kind::i:
            return "argon2i";
        case Argon2Kind::id:
            return "argon2id";
    }
    return "";
}

argon2_type type_of(Argon2Kind kind) {
    switch (kind) {
        case Argon2Kind::d:
            return Argon2_d;
        case Argon2Kind::i:
            return Argon2_i;
        case Argon2Kind::id:
            return Argon2_id;
    }
    return Argon2_id;
}

bool read_kind(std::string_view text, Argon2Hash& hash) {
    for (auto kind : {Argon2Kind::d, Argon2Kind::i, Argon2Kind::id}) {
        if (text != name_of(kind)) continue;
        hash.kind = kind;
        return true;
    }
    return false;
}

bool read_version(std::string_view text, Argon2Hash& hash) {
    auto version = to_named_number(text, "v");
    if (!is_between(version, 0x10, 0x13) || (*version != 0x10 && *version != 0x13)) return false;
    hash.version = static_cast<std::uint32_t>(*version);
    return true;
}

bool read_cost(std::string_view text, Argon2Hash& hash) {
    auto parts = split(text, ',');
    if (parts.size() != 3) return false;
    auto memory = to_named_number(parts[0], "m");
    auto passes = to_named_number(parts[1], "t");
    auto lanes = to_named_number(parts[2], "p");
    if (!is_between(lanes, 1, 255) || !is_between(passes, 1, highest_u32)) return false;
    if (!is_between(memory, 8 * *lanes, highest_u32)) return false;
    hash.memory_kib = static_cast<std::uint32_t>(*memory);
    hash.passes = static_cast<std::uint32_t>(*passes);
    hash.lanes = static_cast<std::uint32_t>(*lanes);
    return true;
}

// The PHC string format's own bounds; a shorter tag would be found by guessing.
bool read_bytes(std::string_view salt, std::string_view tag, Argon2Hash& hash) {
    auto salt_bytes = from_bare_base64(salt);
    auto tag_bytes = from_bare_base64(tag);
    if (!salt_bytes || !is_between(salt_bytes->size(), 8, 64)) return false;
    if (!tag_bytes || !is_between(tag_bytes->size(), 12, 128)) return false;
    hash.salt = std::move(*salt_bytes);
    hash.tag = std::move(*tag_bytes);
    return true;
}

}  // namespace

Result<Argon2Hash> parse_argon2(std::string_view text) {
    auto parts = split(text, '$');
    Argon2Hash hash;
    bool versioned = parts.size() == 6;
    if (!versioned) hash.version = 0x10;
    if ((!versioned && parts.size() != 5) || !parts[0].empty() || !read_kind(parts[1], hash)) {
        return fail(malformed_hash, "not of the form $argon2id$v=19$m=…,t=…,p=…$salt$tag");
    }
    if (versioned && !read_version(parts[2], hash)) return fail(malformed_hash, "argon2's version");
    auto rest = versioned ? 3U : 2U;
    if (!read_cost(parts[rest], hash)) return fail(malformed_hash, "argon2's m, t and p");
    if (!read_bytes(parts[rest + 1], parts[rest + 2], hash)) {
        return fail(malformed_hash, "argon2's salt or tag");
    }
    return hash;
}

std::string to_string(const Argon2Hash& hash) {
    return fmt::format("${}$v={}$m={},t={},p={}${}${}", name_of(hash.kind), hash.version,
                       hash.memory_kib, hash.passes, hash.lanes, to_bare_base64(hash.salt),
                       to_bare_base64(hash.tag));
}

Demand demand_of(const Argon2Hash& hash) {
    constexpr double per_kib_and_pass = 2;
    auto work = static_cast<double>(hash.memory_kib) * hash.passes;
    return {std::uint64_t{hash.memory_kib} * 1024, time_of(work, per_kib_and_pass)};
}

Result<Bytes> compute_argon2(const SecretText& password, const Argon2Hash& like) {
    Bytes tag(like.tag.size());
    auto raw = [](ByteView bytes) {
        // The library wants pointers to what may change, and changes it only when flags say so.
        return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes.data()));
    };
    auto text = as_bytes(password.reveal());
    argon2_context context{};
    context.out = raw(tag);
    context.outlen = static_cast<std::uint32_t>(tag.size());
    context.pwd = raw(text);
    context.pwdlen = static_cast<std::uint32_t>(text.size());
    context.salt = raw(like.salt);
    context.saltlen = static_cast<std::uint32_t>(like.salt.size());
    context.t_cost = like.passes;
    context.m_cost = like.memory_kib;
    context.lanes = like.lanes;
    context.threads = 1;
    context.version = like.version;
    context.flags = ARGON2_DEFAULT_FLAGS;
    int outcome = argon2_ctx(&context, type_of(like.kind));
    if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR) return fail(busy, "no memory for Argon2");
    if (outcome != ARGON2_OK) return fail(internal, argon2_error_message(outcome));
    return tag;
}

Result<Reading> read_argon2(std::string_view text) {
    auto hash = parse_argon2(text);
    if (!hash) return std::unexpected(hash.error());
    Reading reading;
    reading.demand = demand_of(*hash);
    reading.check = [stored = std::move(*hash)](const SecretText& password) {
        return compare(compute_argon2(password, stored), stored.tag);
    };
    return reading;
}

}  // namespace cardea::password::formats
