#include "cardea/sign_in/opening.hpp"

#include "cardea/runtime/coroutine.hpp"

namespace cardea::sign_in {

Task<SignedIn> Opening::open(db::Executor& executor, account::Account account, std::string method,
                             Visit visit) {
    visit.origin.actor = account.id;
    auto ended = co_await end_previous(executor, visit);
    if (!ended) co_return std::unexpected(ended.error());
    session::NewSession wish{account.id, method, visit.device, visit.origin.client_address};
    auto opened = co_await sessions_.open(executor, std::move(wish));
    if (!opened) co_return std::unexpected(opened.error());
    audit::Event event{"session.opened", account.id, visit.origin, {}};
    event.detail["method"] = std::move(method);
    event.detail["session"] = opened->session.id;
    auto written = co_await trail_.write(executor, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    SignedIn result{std::move(account), std::move(opened->session), std::move(opened->token)};
    co_return result;
}

Task<void> Opening::end_previous(db::Executor& executor, Visit visit) {
    if (visit.previous_token.empty()) co_return Result<void>();
    auto ended = co_await sessions_.end_token(executor, visit.previous_token);
    if (!ended) co_return std::unexpected(ended.error());
    if (!*ended) co_return Result<void>();
    audit::Event event{"session.ended", (*ended)->account_id, visit.origin, {}};
    event.detail["session"] = (*ended)->id;
    event.detail["why"] = "another sign-in in the same browser";
    co_return co_await trail_.write(executor, std::move(event));
}

}  // namespace cardea::sign_in
