// What the audit trail says when an identity becomes, or ceases to be, a way into an account.
#pragma once

#include <boost/describe/enum.hpp>
#include <string>

#include "cardea/audit/trail.hpp"
#include "cardea/vault/connection.hpp"

namespace cardea::sign_in {

/// Why an identity belongs to an account: its owner was signed in and asked for it; the provider
/// proved the account's address; the provider proved the address that was invited; nobody had an
/// account; or a program that uses the library says so.
enum class LinkProof { session, address, invitation, newcomer, program };
BOOST_DESCRIBE_ENUM(LinkProof, session, address, invitation, newcomer, program)

/// `connection.linked`: which identity, and by what proof.
audit::Event linked_event(const vault::Connection& connection, std::string account_id,
                          LinkProof proof, audit::Origin origin);
/// `connection.unlinked`: the identity is told in full, because the connection is gone.
audit::Event unlinked_event(const vault::Connection& connection, std::string account_id,
                            audit::Origin origin);

}  // namespace cardea::sign_in
