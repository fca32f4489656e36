// Claims: a row has one holder among all processes, and what another one writes does not count.
#pragma once

#include <functional>

#include "cardea/vault/settings.hpp"
#include "cardea/vault/store.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::vault {

/// While another holder has a row: how often to look.
inline constexpr Milliseconds look_every = 100ms;

/// An event of the row's connection, for its account.
audit::Event event_of(const Row& row, std::string type, audit::Origin origin);

/// The lease that a renewal takes on its row, and the writes that it makes under it.
class Claims {
  public:
    /// One of the store's writes: says whether the claimed generation was still ours.
    using Write = std::function<Task<bool>(db::Executor&)>;

    Claims(const Vault::Parts& parts, const Settings& settings, const Store& store);

    /// What a provider may take for its answer: the lease outlives the call, so that who comes
    /// after it finds either the answer or a free row.
    Milliseconds time_to_answer() const;

    /// The row as it is under the lease, or nothing while another holder has it.
    Task<std::optional<Row>> take(std::string id);
    /// Waits while another holder has it, at most for a lease. Fails with `renewal_under_way`.
    Task<Row> take_in_turn(std::string id);
    /// Gives it back as it was. Fails with `needs_consent` when that is what it was.
    Task<Connection> release(Row row);
    /// The write and its event, both or neither; false, and neither, when another holder has moved
    /// the row on.
    Task<bool> commit(Write write, audit::Event event);
    /// The same for an answer of the provider's, which may be the only copy of a rotated token: it
    /// is held until it is stored, for about two minutes. Gives the connection as it is then.
    Task<Connection> store_answer(Row row, Write write, audit::Event event);

  private:
    const Vault::Parts& parts_;
    const Settings& settings_;
    const Store& store_;
    std::string holder_;
};

}  // namespace cardea::vault
