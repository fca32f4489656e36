// The order of things: turns, groups, the hand-over to the writer thread and back.
#include "cardea/db/sqlite/writer.hpp"

#include "cardea/base/log.hpp"

namespace cardea::db::sqlite {

namespace {

constexpr Statement begin_group{"db.begin", "BEGIN IMMEDIATE"};
constexpr Statement commit_group{"db.commit", "COMMIT"};
constexpr Statement rollback_group{"db.rollback", "ROLLBACK"};
constexpr Statement begin_turn{"db.savepoint", "SAVEPOINT turn"};
constexpr Statement keep_turn{"db.release", "RELEASE turn"};
constexpr Statement undo_turn{"db.rollback_to", "ROLLBACK TO turn"};

// What is ready to be read from a socket now asks for its turn one round later.
constexpr int gathering_rounds = 2;

Error taken() {
    return Error(unavailable, "the transaction was open for too long and has been rolled back");
}

}  // namespace

Writer::Writer(asio::any_io_executor executor, Connection connection, const Options& options)
    : executor_(std::move(executor)),
      connection_(std::move(connection)),
      group_limit_(std::max<std::size_t>(options.group_limit, 1)),
      busy_timeout_(options.busy_timeout),
      transaction_limit_(options.transaction_limit),
      watchdog_(executor_),
      thread_({.name = "db-writer"}) {
    // On the I/O thread nothing may wait for another process.
    connection_.wait_for_locks(0ms);
}

Writer::~Writer() = default;

// Turns and writes

Cancel Writer::write(Statement statement, Values values, Done done) {
    if (closed_) {
        done(fail(unavailable, "the database is closed"));
        return [] {};
    }
    auto ticket = ++last_ticket_;
    writes_.push_back({ticket, std::move(done), statement, std::move(values)});
    schedule();
    return [weak = weak_from_this(), ticket] {
        if (auto self = weak.lock()) self->remove(ticket);
    };
}

std::optional<Writer::Ticket> Writer::try_begin() {
    if (closed_ || job_ || current_ != 0 || !turns_.empty()) return std::nullopt;
    if (!has_room()) return std::nullopt;
    if (!in_group_ && !start_group()) return std::nullopt;
    auto ticket = ++last_ticket_;
    if (!start_turn(ticket)) return std::nullopt;
    return ticket;
}

Cancel Writer::wait_for_turn(Done done) {
    if (closed_) {
        done(fail(unavailable, "the database is closed"));
        return [] {};
    }
    auto ticket = ++last_ticket_;
    turns_.push_back({ticket, std::move(done), std::nullopt, {}});
    schedule();
    return [weak = weak_from_this(), ticket] {
        if (auto self = weak.lock()) self->remove(ticket);
    };
}

void Writer::remove(Ticket ticket) {
    for (auto* queue : {&turns_, &writes_}) {
        auto found = std::ranges::find(*queue, ticket, &Waiting::ticket);
        if (found == queue->end()) continue;
        auto done = std::move(found->done);
        queue->erase(found);
        done(fail(deadline_passed, "cancelled while waiting for the database"));
        return;
    }
}

Result<Rows> Writer::run(Ticket ticket, const Statement& statement, const Values& values) {
    if (ticket != current_) return std::unexpected(taken());
    if (broken_) return std::unexpected(*broken_);
    auto rows = connection_.run(statement, values);
    if (rows) return rows;
    broken_ = rows.error();
    if (rows.error().is(unavailable) || !connection_.in_transaction()) lose_group(rows.error());
    return rows;
}

void Writer::commit(Ticket ticket, Done done) {
    if (ticket != current_) return done(std::unexpected(taken()));
    if (!broken_) {
        if (auto kept = connection_.run(keep_turn, {}); !kept) lose_group(kept.error());
    }
    if (broken_) {
        auto error = *broken_;
        rollback(ticket);
        return done(std::unexpected(error));
    }
    members_.push_back({std::move(done)});
    current_ = 0;
    schedule();
}

void Writer::rollback(Ticket ticket) {
    if (ticket != current_) return;
    if (in_group_) {
        auto undone = connection_.run(undo_turn, {});
        if (undone) undone = connection_.run(keep_turn, {});
        if (!undone) lose_group(undone.error());
    }
    current_ = 0;
    broken_.reset();
    schedule();
}

// Groups

bool Writer::has_room() const {
    // Single writes that wait are part of the group as well. Turns that were rolled back count, or
    // they could put off a commit for ever.
    if (turns_taken_ + writes_.size() < group_limit_) return true;
    if (turns_taken_ >= group_limit_) return false;
    return !turns_.empty() && turns_.front().ticket < writes_.front().ticket;
}

bool Writer::start_group() {
    in_group_ = connection_.run(begin_group, {}).has_value();
    return in_group_;
}

bool Writer::start_turn(Ticket ticket) {
    auto started = connection_.run(begin_turn, {});
    if (!started) {
        lose_group(started.error());
        return false;
    }
    current_ = ticket;
    ++turns_taken_;
    broken_.reset();
    turn_started_ = std::chrono::steady_clock::now();
    if (!watching_) watch(transaction_limit_);
    return true;
}

// Nothing that was done in the group is there any more: SQLite gave up, or may have.
void Writer::lose_group(const Error& error) {
    log::error("db.group_lost", log::kv("why", error.describe()));
    if (connection_.in_transaction()) {
        if (auto undone = connection_.run(rollback_group, {}); !undone) {
            log::error("db.rollback_failed", log::kv("why", undone.error().describe()));
        }
    }
    broken_ = Error(unavailable, error);
    in_group_ = false;
    turns_taken_ = 0;
    auto lost = std::exchange(members_, {});
    for (auto& member : lost) member.done(fail(unavailable, error));
}

// Transactions that are ready to begin come before the commit: the acknowledgements of the last
// group wake all of its callers in one go, and they shall share the next one too, with whoever's
// request has arrived by then.
void Writer::schedule() {
    if (scheduled_ || job_ || closed_) return;
    scheduled_ = true;
    asio::post(executor_, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->advance();
    });
}

void Writer::advance() {
    scheduled_ = false;
    if (closed_ || job_ || current_ != 0) return;
    if (!turns_.empty() && has_room()) return next_turn();
    bool has_work = !members_.empty() || !writes_.empty();
    if (has_work && has_room() && gathered_ < gathering_rounds) {
        ++gathered_;
        return schedule();
    }
    gathered_ = 0;
    if (has_work) return hand_over_commit();
    if (in_group_) drop_group();
}

void Writer::next_turn() {
    if (!in_group_ && !start_group()) {
        auto job = std::make_shared<Job>();
        job->begin = true;
        return hand_over(std::move(job));
    }
    auto next = std::move(turns_.front());
    turns_.pop_front();
    if (!start_turn(next.ticket)) {
        next.done(std::unexpected(broken_.value_or(Error(unavailable))));
        return schedule();
    }
    Rows turn;
    turn.rows.push_back(Row{Value(next.ticket)});
    next.done(std::move(turn));
}

// Everybody rolled back: there is nothing to sync.
void Writer::drop_group() {
    if (auto ended = connection_.run(rollback_group, {}); !ended) lose_group(ended.error());
    in_group_ = false;
    turns_taken_ = 0;
    stop_watching();
    if (!turns_.empty()) schedule();
}

void Writer::hand_over_commit() {
    auto job = std::make_shared<Job>();
    job->begin = !in_group_;
    job->commit = true;
    while (!writes_.empty() && members_.size() + job->writes.size() < group_limit_) {
        job->writes.push_back(std::move(writes_.front()));
        writes_.pop_front();
    }
    hand_over(std::move(job));
}

void Writer::hand_over(std::shared_ptr<Job> job) {
    stop_watching();
    job->last_ticket = last_ticket_;
    job_ = job;
    auto back = [self = shared_from_this(), job] {
        if (self->job_ == job) self->take_back();
    };
    auto there = [this, job, back, guard = asio::make_work_guard(executor_)] {
        work(*job);
        asio::post(executor_, back);
    };
    thread_.submit(there);
}

// On the writer thread, or on the I/O thread when that has been stopped.
void Writer::work(Job& job) {
    connection_.wait_for_locks(busy_timeout_);
    if (job.begin) job.outcome = run_plain(begin_group);
    for (auto& write : job.writes) {
        if (!job.outcome) break;
        job.written.push_back(connection_.run(*write.statement, write.values));
        const auto& rows = job.written.back();
        bool lost = !rows && (rows.error().is(unavailable) || !connection_.in_transaction());
        if (lost) job.outcome = fail(unavailable, rows.error());
    }
    if (job.commit && job.outcome) job.outcome = run_plain(commit_group);
    if (!job.outcome && connection_.in_transaction()) {
        if (auto undone = run_plain(rollback_group); !undone) {
            log::error("db.rollback_failed", log::kv("why", undone.error().describe()));
        }
    }
    connection_.wait_for_locks(0ms);
}

Result<void> Writer::run_plain(const Statement& statement) {
    auto done = connection_.run(statement, {});
    if (!done) return fail(unavailable, done.error());
    return {};
}

void Writer::take_back() {
    auto job = std::exchange(job_, nullptr);
    if (!job->outcome)
        log::error("db.write_failed", log::kv("why", job->outcome.error().describe()));
    if (job->commit) {
        finish_group(*job);
    } else {
        in_group_ = job->outcome.has_value();
        if (!job->outcome) refuse_waiting(job->last_ticket, job->outcome.error());
    }
    advance();
}

void Writer::finish_group(Job& job) {
    in_group_ = false;
    turns_taken_ = 0;
    auto members = std::exchange(members_, {});
    if (job.outcome) {
        ++commits;
        transactions += members.size() + job.writes.size();
    }
    for (auto& member : members) {
        if (job.outcome) member.done(Rows{});
        if (!job.outcome) member.done(std::unexpected(job.outcome.error()));
    }
    for (std::size_t i = 0; i < job.writes.size(); ++i) {
        if (job.outcome) job.writes[i].done(std::move(job.written[i]));
        if (!job.outcome) job.writes[i].done(std::unexpected(job.outcome.error()));
    }
}

void Writer::refuse_waiting(Ticket up_to, const Error& error) {
    for (auto* queue : {&turns_, &writes_}) {
        while (!queue->empty() && queue->front().ticket <= up_to) {
            auto done = std::move(queue->front().done);
            queue->pop_front();
            done(std::unexpected(error));
        }
    }
}

// The end of a turn that lasts too long, and of everything

void Writer::watch(Milliseconds limit) {
    watching_ = true;
    watchdog_.expires_after(limit);
    watchdog_.async_wait([weak = weak_from_this()](boost::system::error_code stopped) {
        auto self = weak.lock();
        if (self && !stopped) self->check_turn();
    });
}

void Writer::stop_watching() {
    if (!watching_) return;
    watching_ = false;
    watchdog_.cancel();
}

void Writer::check_turn() {
    watching_ = false;
    if (current_ == 0) return;
    auto age = std::chrono::steady_clock::now() - turn_started_;
    auto left = std::chrono::ceil<Milliseconds>(transaction_limit_ - age);
    if (left > 0ms) return watch(left);
    log::error("db.transaction_taken_away", log::kv("limit_ms", transaction_limit_.count()));
    rollback(current_);
}

void Writer::close() {
    if (closed_) return;
    closed_ = true;
    stop_watching();
    thread_.stop();
    if (job_) take_back();
    if (current_ != 0) rollback(current_);
    Error closing(unavailable, "the database is closing");
    for (auto& turn : std::exchange(turns_, {})) turn.done(std::unexpected(closing));
    if (in_group_ || !writes_.empty()) {
        Job last;
        last.begin = !in_group_;
        last.commit = true;
        std::ranges::move(std::exchange(writes_, {}), std::back_inserter(last.writes));
        work(last);
        finish_group(last);
    }
    // The checkpoint of the last connection happens here.
    Connection closed(std::move(connection_));
}

}  // namespace cardea::db::sqlite
