// All writes: transactions one after the other, many of them in one commit.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "cardea/db/sqlite/connection.hpp"
#include "cardea/db/sqlite/hop.hpp"
#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/runtime/pool.hpp"

namespace cardea::db::sqlite {

/// Has the one connection that writes and passes it back and forth between two threads. Statements
/// of an open transaction run on the I/O thread, where the transaction's coroutine is: they are
/// short, and a hop to another thread and back would cost more than they do. Whatever waits for
/// the disk or for another process (the commit with its fsync, the checkpoint, a lock) and single
/// writes, which may be long, run on the writer thread.
///
/// Transactions run one after the other under a savepoint each, inside one SQLite transaction (the
/// group). When nobody has asked for a turn in two rounds of the I/O thread, or the group is full,
/// it is committed, and only then is any of them acknowledged. Those that arrive during a commit
/// are the next group.
///
/// All calls on the I/O thread.
class Writer : public std::enable_shared_from_this<Writer> {
  public:
    Writer(asio::any_io_executor executor, Connection connection, const Options& options);
    ~Writer();

    /// One statement as a transaction of its own; `done` gets its rows when they are durable.
    Cancel write(Statement statement, Values values, Done done);

    using Ticket = std::uint64_t;
    /// A turn at once when nobody is before us; otherwise nullopt: ask with wait_for_turn().
    std::optional<Ticket> try_begin();
    /// `done` gets one row with the ticket when it is our turn.
    Cancel wait_for_turn(Done done);
    /// A statement of the transaction whose turn it is. After one has failed, all others do.
    Result<Rows> run(Ticket ticket, const Statement& statement, const Values& values);
    /// Ends the turn; `done` is called when the transaction is durable, or was rolled back.
    void commit(Ticket ticket, Done done);
    void rollback(Ticket ticket);

    /// Commits what was accepted, refuses what waits. Calls that follow are refused.
    void close();

    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> transactions{0};

  private:
    /// A write or a turn that somebody waits for. Without a statement it is a turn.
    struct Waiting {
        Ticket ticket;
        Done done;
        std::optional<Statement> statement;
        Values values;
    };
    /// Has done its part, waits for the commit.
    struct Member {
        Done done;
    };
    /// What the writer thread is given and gives back.
    struct Job {
        bool begin = false;
        bool commit = false;
        Ticket last_ticket = 0;  ///< the last that was waiting when the job began
        std::vector<Waiting> writes;
        std::vector<Result<Rows>> written;
        Result<void> outcome;
    };

    bool has_room() const;
    bool start_group();
    bool start_turn(Ticket ticket);
    void lose_group(const Error& error);
    void drop_group();

    void schedule();
    void advance();
    void next_turn();
    void hand_over_commit();
    void hand_over(std::shared_ptr<Job> job);
    void work(Job& job);
    Result<void> run_plain(const Statement& statement);
    void take_back();
    void finish_group(Job& job);
    void refuse_waiting(Ticket up_to, const Error& error);
    void remove(Ticket ticket);

    void watch(Milliseconds limit);
    void stop_watching();
    void check_turn();

    asio::any_io_executor executor_;
    Connection connection_;
    std::size_t group_limit_;
    Milliseconds busy_timeout_;
    Milliseconds transaction_limit_;

    Ticket last_ticket_ = 0;
    std::deque<Waiting> turns_;
    std::deque<Waiting> writes_;
    std::vector<Member> members_;  // of the open group
    std::size_t turns_taken_ = 0;  // in the open group, those that were rolled back too
    bool in_group_ = false;
    Ticket current_ = 0;           // whose turn it is; 0 = nobody's
    std::optional<Error> broken_;  // why the current transaction can only be rolled back
    std::chrono::steady_clock::time_point turn_started_;
    asio::steady_timer watchdog_;  // takes the turn away from one who keeps it too long
    bool watching_ = false;
    bool scheduled_ = false;
    int gathered_ = 0;  // rounds of the I/O thread that the commit has waited for others
    bool closed_ = false;
    std::shared_ptr<Job> job_;  // while the writer thread has the connection
    runtime::Pool thread_;      // last: joined before the rest goes
};

}  // namespace cardea::db::sqlite
