#include "cardea/api/views.hpp"

#include "cardea/crypto/id.hpp"

namespace cardea::api {

AccountView view_of(const account::Account& account) {
    return {crypto::to_public_id(prefix::account, account.id),
            account.email,
            account.email_verified,
            account.name,
            account.picture,
            account.has_password,
            account.roles.words(),
            account.created_at};
}

AccountView view_of(const session::Owner& owner) {
    return {crypto::to_public_id(prefix::account, owner.id),
            owner.email,
            owner.email_verified,
            owner.name,
            owner.picture,
            owner.has_password,
            owner.roles,
            owner.created_at};
}

SessionView view_of(const session::Session& session, std::string_view current) {
    return {crypto::to_public_id(prefix::session, session.id),
            session.id == current,
            session.created_at,
            session.expires_at,
            session.last_seen_at,
            session.device,
            session.client_address,
            session.method};
}

KeyView view_of(const api_key::ApiKey& key) {
    bool by_account = crypto::is_uuid(key.created_by);
    return {crypto::to_public_id(prefix::key, key.id),
            key.name,
            key.scopes.words(),
            by_account ? crypto::to_public_id(prefix::account, key.created_by) : key.created_by,
            key.created_at,
            key.expires_at,
            key.last_used_at};
}

}  // namespace cardea::api
