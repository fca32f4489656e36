// Importer: brings another system's accounts in, a batch a transaction.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cardea/account/accounts.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/db/database.hpp"
#include "cardea/sign_in/importing/person.hpp"

namespace cardea::sign_in::importing {

/// How far an import has come, or what it came to.
struct Counts {
    std::size_t imported = 0;
    std::size_t present = 0;  ///< The same address with the same hash, then or now.
    std::size_t refused = 0;
    std::map<std::string, std::size_t> formats;   ///< Of what was imported; empty: no password.
    std::map<std::string, std::size_t> refusals;  ///< By slug.

    std::size_t rows() const { return imported + present + refused; }
};

enum class Mode {
    real,
    /// Reads and checks everything and writes nothing. Two rows with one address are found only by
    /// a real run.
    dry_run,
};

/// An administrator's act, like AccountFlow::add(): the registration rules do not bind it.
///
/// Rows are committed in batches, each in one transaction with its events (`account.imported`, one
/// an account: the trail says of every account how it came to be, and with external_id, whose it
/// was). Whatever happens to the process, a batch is there or is not; the same import run again
/// finds what is there already and goes on. Memory is a batch, whatever the file's size.
class Importer {
  public:
    struct Parts {
        db::Database& database;
        account::Accounts& accounts;
        audit::Trail& trail;
    };
    struct Watch {
        /// A row that was not imported: its line and why. The error names no address and no hash.
        std::function<void(std::size_t line, const Error& why)> refused;
        std::function<void(const Counts& so_far)> progressed;  ///< After each batch.
    };
    struct Options {
        Mode mode = Mode::real;
        Reading reading;
        audit::Origin origin;
        std::size_t batch = 500;
    };
    Importer(Parts parts, Options options, Watch watch)
        : parts_(parts), options_(std::move(options)), watch_(std::move(watch)) {}

    /// To the end of the rows. A row that is refused does not stop it, a database that cannot be
    /// written does.
    Task<Counts> run(Rows& rows);

  private:
    struct Candidate {
        std::size_t line;
        Person person;
    };
    /// Reads up to a batch; what is refused is counted and told at once.
    std::vector<Candidate> take_batch(Rows& rows);
    void refuse(std::size_t line, const Error& why);

    Task<void> import_batch(std::vector<Candidate>& batch);
    Task<void> try_batch(std::vector<Candidate>& batch);
    Task<void> examine_batch(std::vector<Candidate>& batch);
    /// What became of one: nothing to say, an error to count, or one that ends the batch.
    Task<void> store(db::Executor& executor, Candidate& candidate);
    Task<void> judge_taken(db::Executor& executor, Candidate& candidate);
    Task<bool> was_imported(db::Executor& executor, std::string account_id, std::string digest);

    enum class Fate { imported, present, taken };
    Parts parts_;
    Options options_;
    Watch watch_;
    Counts counts_;
    std::vector<Fate> fates_;  // of the batch at hand; counted once it is committed
};

}  // namespace cardea::sign_in::importing
