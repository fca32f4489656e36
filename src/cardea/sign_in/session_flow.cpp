#include "cardea/sign_in/session_flow.hpp"

#include "cardea/runtime/coroutine.hpp"

namespace cardea::sign_in {

Task<void> SessionFlow::end(std::string account_id, std::string session_id, audit::Origin origin) {
    auto transaction = co_await database_.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto ended = co_await sessions_.end(**transaction, account_id, session_id);
    if (!ended) co_return ended;
    audit::Event event{"session.ended", std::move(account_id), std::move(origin), {}};
    event.detail["session"] = std::move(session_id);
    auto written = co_await trail_.write(**transaction, std::move(event));
    if (!written) co_return written;
    co_return co_await (*transaction)->commit();
}

Task<std::size_t> SessionFlow::end_others(std::string account_id, std::string keep,
                                          audit::Origin origin) {
    auto transaction = co_await database_.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto ended = co_await sessions_.end_others(**transaction, account_id, std::move(keep));
    if (!ended) co_return ended;
    audit::Event event{"sessions.ended", std::move(account_id), std::move(origin), {}};
    event.detail["count"] = std::to_string(*ended);
    auto written = co_await trail_.write(**transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return ended;
}

}  // namespace cardea::sign_in
