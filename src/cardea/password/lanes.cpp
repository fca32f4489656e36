// bcrypt from its description: N. Provos and D. Mazières, A Future-Adaptable Password Scheme,
// USENIX 1999. Compiled with optimisation in every build (CMakeLists.txt).
#include "cardea/password/lanes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <type_traits>
#include <utility>

#include "cardea/base/wipe.hpp"
#include "cardea/password/pi.hpp"

// So that everything between two memory accesses of a lane stays in one function: whether lanes
// overlap is decided by the instructions that stand next to each other.
#define CARDEA_INLINE [[gnu::always_inline]] inline

namespace cardea::password {

using Word = std::uint32_t;
using Subkeys = std::array<Word, 18>;

// All lanes lie in one block and at fixed places of it, so that one register addresses all of them.
struct alignas(4096) Lanes::States {
    Word boxes[most_lanes][4][256];
    Word subkeys[most_lanes][18];
    Subkeys password[most_lanes];
    Subkeys salt[most_lanes];
};

namespace {

// How a step of Blowfish is taken where five lanes and more fill the core.
struct ManyLanes {
    CARDEA_INLINE static Word byte(Word word, Word at) { return word >> at & 0xffU; }
    CARDEA_INLINE static Word ready(Word word) { return word; }
};

// A few lanes wait for their own chains, which must be short: ready() makes the compiler compute
// a word before what is mixed into it, not after. Many lanes miss the registers that this takes.
struct FewLanes : ManyLanes {
    CARDEA_INLINE static Word ready(Word word) {
        asm("" : "+r"(word));
        return word;
    }
};

#ifdef __x86_64__
// One instruction instead of two: a shorter chain on an AMD EPYC, a longer one on an Intel Xeon. In
// assembler, because an intrinsic could not be inlined from here into a function for that
// instruction set.
struct BitFieldExtract : FewLanes {
    CARDEA_INLINE static Word byte(Word word, Word at) {
        Word found = 0;
        asm("bextrl %2, %1, %0" : "=r"(found) : "r"(word), "r"(at | 0x800U) : "cc");
        return found;
    }
};
#else
using BitFieldExtract = FewLanes;
#endif

template <class Step>
CARDEA_INLINE Word mix(const Word (&box)[4][256], Word half) {
    return ((box[0][half >> 24U] + box[1][Step::byte(half, 16)]) ^ box[2][Step::byte(half, 8)]) +
           box[3][half & 0xffU];
}

// Blowfish on one block a lane: each step is taken by all lanes before the next one is begun.
template <class Step, class States, std::size_t... Lane>
CARDEA_INLINE void encrypt(const States& states, Word (&left)[sizeof...(Lane)],
                           Word (&right)[sizeof...(Lane)], std::index_sequence<Lane...>) {
    ((left[Lane] ^= states.subkeys[Lane][0]), ...);
#pragma GCC unroll 8
    for (std::size_t i = 1; i < 17; i += 2) {
        ((right[Lane] = Step::ready(right[Lane] ^ states.subkeys[Lane][i]) ^
                        mix<Step>(states.boxes[Lane], left[Lane])),
         ...);
        ((left[Lane] = Step::ready(left[Lane] ^ states.subkeys[Lane][i + 1]) ^
                       mix<Step>(states.boxes[Lane], right[Lane])),
         ...);
    }
    ((right[Lane] ^= states.subkeys[Lane][17]), ...);
    (std::swap(left[Lane], right[Lane]), ...);
}

// The paper's ExpandKey with a salt of zeros.
template <class Step, class States, std::size_t... Lane>
CARDEA_INLINE void expand(States& states, const Subkeys* keys, std::index_sequence<Lane...> lanes) {
    for (std::size_t i = 0; i < 18; ++i) ((states.subkeys[Lane][i] ^= keys[Lane][i]), ...);
    Word left[sizeof...(Lane)] = {};
    Word right[sizeof...(Lane)] = {};
    for (std::size_t i = 0; i < 18; i += 2) {
        encrypt<Step>(states, left, right, lanes);
        ((states.subkeys[Lane][i] = left[Lane], states.subkeys[Lane][i + 1] = right[Lane]), ...);
    }
    for (std::size_t box = 0; box < 4; ++box) {
        for (std::size_t i = 0; i < 256; i += 2) {
            encrypt<Step>(states, left, right, lanes);
            ((states.boxes[Lane][box][i] = left[Lane],
              states.boxes[Lane][box][i + 1] = right[Lane]),
             ...);
        }
    }
}

template <class Step, std::size_t Count, class States>
CARDEA_INLINE void run_rounds(States& states, std::uint32_t rounds) {
    constexpr auto lanes = std::make_index_sequence<Count>();
    // One place to expand in, because all of it is inlined: with two, eight lanes would not fit
    // into the instruction cache.
    for (; rounds > 0; --rounds) {
        for (const auto* keys : {states.password, states.salt}) expand<Step>(states, keys, lanes);
    }
}

// One block of one lane, for what is done once a hash.
template <class States>
std::array<Word, 2> encrypt_one(const States& states, std::size_t lane, std::array<Word, 2> block) {
    auto [left, right] = block;
    left ^= states.subkeys[lane][0];
    for (std::size_t i = 1; i < 17; i += 2) {
        right ^= states.subkeys[lane][i] ^ mix<ManyLanes>(states.boxes[lane], left);
        left ^= states.subkeys[lane][i + 1] ^ mix<ManyLanes>(states.boxes[lane], right);
    }
    right ^= states.subkeys[lane][17];
    return {right, left};
}

// The password and its closing NUL, over and over: big-endian words of 72 bytes.
Subkeys cycle(std::string_view password) {
    Subkeys words{};
    std::size_t at = 0;
    for (auto& word : words) {
        for (int i = 0; i < 4; ++i) {
            word =
                word << 8U | (at < password.size() ? static_cast<unsigned char>(password[at]) : 0);
            at = at < password.size() ? at + 1 : 0;
        }
    }
    return words;
}

// crypt_blowfish before 1.1 took bytes for signed: one from 128 up set all bits of the bytes before
// it in its word. These bits.
Word spread_signs(Word word) {
    Word spread = 0;
    for (unsigned at = 0; at < 3; ++at) {
        Word sign = word >> (8 * at + 7) & 1U;
        spread |= (0U - sign) << (8 * (at + 1));
    }
    return spread;
}

// What `$2a$` changes in the first subkey, as crypt_blowfish has done since 1.1. A password whose
// high bytes come after nothing but 0xff is what the old reading took other passwords for, and
// would match their old hashes. No branches: time does not tell about the password.
Word counter_measure(const Subkeys& words) {
    Word spread = 0;
    Word changed = 0;
    for (auto word : words) {
        spread |= spread_signs(word);
        changed |= spread_signs(word) & ~word;
    }
    auto is_set = [](Word bits) { return (bits | (0U - bits)) >> 31U; };
    return (is_set(spread) & ~is_set(changed)) << 16U;
}

Subkeys cycle(const Salt& salt) {
    Subkeys words{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (std::size_t byte = 0; byte < 4; ++byte) {
            words[i] = words[i] << 8U | std::to_integer<Word>(salt[i % 4 * 4 + byte]);
        }
    }
    return words;
}

// The paper's ExpandKey with the real salt: it is mixed into the blocks, two words at a time.
template <class States>
void expand_with_salt(States& states, std::size_t lane) {
    const auto& salt = states.salt[lane];
    std::array<Word, 2> block{};
    std::size_t turn = 0;
    auto next = [&] {
        block = encrypt_one(states, lane, {block[0] ^ salt[turn], block[1] ^ salt[turn + 1]});
        turn ^= 2U;
        return block;
    };
    for (std::size_t i = 0; i < 18; i += 2) {
        auto [left, right] = next();
        states.subkeys[lane][i] = left;
        states.subkeys[lane][i + 1] = right;
    }
    for (auto& box : states.boxes[lane]) {
        for (std::size_t i = 0; i < 256; i += 2) {
            auto [left, right] = next();
            box[i] = left;
            box[i + 1] = right;
        }
    }
}

}  // namespace

template <std::size_t Count, class Few>
using StepOf = std::conditional_t<(Count < 5), Few, ManyLanes>;

template <std::size_t Count>
void Lanes::run_portable(States& states, std::uint32_t rounds) {
    run_rounds<StepOf<Count, FewLanes>, Count>(states, rounds);
}

#ifdef __x86_64__
#define CARDEA_BMI __attribute__((target("bmi,bmi2")))
#else
#define CARDEA_BMI
#endif

template <std::size_t Count>
CARDEA_BMI void Lanes::run_bmi(States& states, std::uint32_t rounds) {
    run_rounds<StepOf<Count, BitFieldExtract>, Count>(states, rounds);
}

std::vector<Instructions> usable_instructions() {
    std::vector<Instructions> usable{Instructions::portable};
#ifdef __x86_64__
    if (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) {
        usable.push_back(Instructions::bmi);
    }
#endif
    return usable;
}

namespace {

// Interrupted measurements are too slow and none is too fast: the shortest of several counts.
std::chrono::nanoseconds time_of_one_lane(Instructions instructions) {
    Lanes lanes(instructions);
    lanes.admit("", Variant::b, {});
    auto shortest = std::chrono::nanoseconds::max();
    for (int pass = 0; pass < 8; ++pass) {
        auto begin = std::chrono::steady_clock::now();
        lanes.run(1);
        shortest =
            std::min<std::chrono::nanoseconds>(shortest, std::chrono::steady_clock::now() - begin);
    }
    return shortest;
}

}  // namespace

Instructions measure_instructions() {
    return std::ranges::min(usable_instructions(), std::ranges::less(), time_of_one_lane);
}

Instructions best_instructions() {
    static const auto best = measure_instructions();
    return best;
}

Lanes::Run Lanes::runner(Instructions instructions, std::size_t count) {
    static constexpr auto tables = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array{std::array<Run, most_lanes>{&run_portable<I + 1>...},
                          std::array<Run, most_lanes>{&run_bmi<I + 1>...}};
    }(std::make_index_sequence<most_lanes>());
    return tables[instructions == Instructions::bmi ? 1 : 0][count - 1];
}

Lanes::Lanes(Instructions instructions)
    : instructions_(instructions), states_(std::make_unique<States>()) {}

Lanes::~Lanes() {
    wipe(states_.get(), sizeof *states_);
}

void Lanes::admit(std::string_view password, Variant variant, const Salt& salt) {
    auto lane = active_++;
    auto& states = *states_;
    auto words = cycle(password);
    states.password[lane] = words;
    wipe(words.data(), sizeof words);
    states.salt[lane] = cycle(salt);
    const auto* pi = pi_words.data();
    for (std::size_t i = 0; i < 18; ++i) {
        states.subkeys[lane][i] = pi[i] ^ states.password[lane][i];
    }
    if (variant == Variant::a) states.subkeys[lane][0] ^= counter_measure(states.password[lane]);
    std::memcpy(states.boxes[lane], pi + 18, sizeof states.boxes[lane]);
    expand_with_salt(states, lane);
}

void Lanes::run(std::uint32_t rounds) {
    if (active_ > 0) runner(instructions_, active_)(*states_, rounds);
}

Digest Lanes::digest(std::size_t lane) const {
    constexpr std::string_view text = "OrpheanBeholderScryDoubt";
    std::array<std::byte, text.size()> bytes{};
    for (std::size_t at = 0; at < text.size(); at += 8) {
        std::array<Word, 2> block{};
        for (std::size_t i = 0; i < 8; ++i) {
            block[i / 4] = block[i / 4] << 8U | static_cast<unsigned char>(text[at + i]);
        }
        for (int i = 0; i < 64; ++i) block = encrypt_one(*states_, lane, block);
        for (std::size_t i = 0; i < 8; ++i) {
            bytes[at + i] = static_cast<std::byte>(block[i / 4] >> (24 - i % 4 * 8));
        }
    }
    Digest digest{};
    std::ranges::copy_n(bytes.begin(), digest.size(), digest.begin());
    return digest;
}

void Lanes::remove(std::size_t lane) {
    auto last = --active_;
    auto& states = *states_;
    auto take_last = [lane, last](auto& lanes) {
        if (lane != last) std::memcpy(&lanes[lane], &lanes[last], sizeof lanes[lane]);
        wipe(&lanes[last], sizeof lanes[last]);
    };
    take_last(states.boxes);
    take_last(states.subkeys);
    take_last(states.password);
    take_last(states.salt);
}

std::span<const std::byte> Lanes::memory() const {
    return std::as_bytes(std::span(states_.get(), 1));
}

}  // namespace cardea::password
