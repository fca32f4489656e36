#include "cardea/sign_in/importing/importer.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/runtime/deadline.hpp"

namespace cardea::sign_in::importing {
namespace {

// A server at work on the same file holds its lock for a moment at a time.
constexpr int most_tries = 8;
constexpr Milliseconds first_pause = 100ms;

constexpr const char* row_detail = "row";

/// Tells one row's hash from another's, and nothing else: guessing at it costs what the hash costs.
std::string digest_of(const Person& person) {
    const auto& hash = person.account.password_hash;
    auto digest = crypto::sha256(hash ? std::string_view(hash->reveal()) : std::string_view());
    return to_hex(ByteView(digest).first(8));
}

bool is_same(const std::optional<SecretText>& a, const std::optional<SecretText>& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b);
}

}  // namespace

Task<Counts> Importer::run(Rows& rows) {
    for (;;) {
        auto batch = take_batch(rows);
        if (batch.empty()) break;
        auto done = co_await import_batch(batch);
        if (!done) co_return std::unexpected(done.error());
        if (watch_.progressed) watch_.progressed(counts_);
    }
    co_return counts_;
}

std::vector<Importer::Candidate> Importer::take_batch(Rows& rows) {
    std::vector<Candidate> batch;
    while (batch.size() < options_.batch) {
        auto row = rows.next();
        if (!row) break;
        if (!row->values) {
            refuse(row->line, row->values.error());
            continue;
        }
        auto person = read_person(std::move(*row->values), options_.reading);
        if (person) {
            batch.push_back({row->line, std::move(*person)});
        } else {
            refuse(row->line, person.error());
        }
    }
    return batch;
}

void Importer::refuse(std::size_t line, const Error& why) {
    ++counts_.refused;
    ++counts_.refusals[std::string(why.reason().slug)];
    if (watch_.refused) watch_.refused(line, why);
}

Task<void> Importer::import_batch(std::vector<Candidate>& batch) {
    auto pause = first_pause;
    for (int tries = 1;; ++tries) {
        fates_.clear();
        auto trying = options_.mode == Mode::real ? try_batch(batch) : examine_batch(batch);
        auto done = co_await std::move(trying);
        if (done) break;
        if (!done.error().is(db::unavailable) || tries == most_tries) co_return done;
        auto waited = co_await runtime::sleep(pause);
        if (!waited) co_return waited;
        pause *= 2;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (fates_[i] == Fate::taken) refuse(batch[i].line, Error(account::email_taken));
        if (fates_[i] == Fate::present) ++counts_.present;
        if (fates_[i] != Fate::imported) continue;
        ++counts_.imported;
        ++counts_.formats[batch[i].person.hash_format];
    }
    co_return Result<void>();
}

Task<void> Importer::try_batch(std::vector<Candidate>& batch) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    for (auto& candidate : batch) {
        auto stored = co_await store(**transaction, candidate);
        if (!stored) co_return stored;
    }
    co_return co_await (*transaction)->commit();
}

Task<void> Importer::store(db::Executor& executor, Candidate& candidate) {
    auto account = co_await parts_.accounts.create(executor, candidate.person.account);
    if (!account && account.error().is(account::email_taken))
        co_return co_await judge_taken(executor, candidate);
    if (!account) co_return std::unexpected(account.error());
    audit::Event event{"account.imported", account->id, options_.origin, {}};
    if (!candidate.person.hash_format.empty()) event.detail["hash"] = candidate.person.hash_format;
    event.detail[row_detail] = digest_of(candidate.person);
    if (!candidate.person.external_id.empty())
        event.detail["external_id"] = candidate.person.external_id;
    fates_.push_back(Fate::imported);
    co_return co_await parts_.trail.write(executor, std::move(event));
}

Task<void> Importer::judge_taken(db::Executor& executor, Candidate& candidate) {
    auto email = *candidate.person.account.email;
    auto found = co_await parts_.accounts.find_credential(executor, std::move(email));
    if (!found) co_return std::unexpected(found.error());
    bool same = is_same(found->password_hash, candidate.person.account.password_hash);
    if (same && !found->account.is_invitation()) {
        fates_.push_back(Fate::present);
        co_return Result<void>();
    }
    auto earlier = co_await was_imported(executor, found->account.id, digest_of(candidate.person));
    if (!earlier) co_return std::unexpected(earlier.error());
    fates_.push_back(*earlier ? Fate::present : Fate::taken);
    co_return Result<void>();
}

// A sign-in since has replaced the hash that was imported; the trail still knows the row.
Task<bool> Importer::was_imported(db::Executor& executor, std::string account_id,
                                  std::string digest) {
    audit::Filter filter{std::move(account_id), "account.imported"};
    auto page = co_await parts_.trail.list(executor, std::move(filter), std::string(), 1);
    if (!page) co_return std::unexpected(page.error());
    if (page->items.empty()) co_return false;
    const auto& detail = page->items[0].detail;
    auto row = detail.find(row_detail);
    co_return row != detail.end() && row->second == digest;
}

Task<void> Importer::examine_batch(std::vector<Candidate>& batch) {
    for (auto& candidate : batch) {
        auto judged = co_await judge_taken(parts_.database, candidate);
        if (judged) continue;
        if (!judged.error().is(account::missing)) co_return judged;
        fates_.push_back(Fate::imported);
    }
    co_return Result<void>();
}

}  // namespace cardea::sign_in::importing
