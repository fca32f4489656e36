#include "cardea/sign_in/linking.hpp"

#include "cardea/schema/described.hpp"

namespace cardea::sign_in {
namespace {

audit::Event event_of(std::string type, const vault::Connection& connection, std::string account_id,
                      audit::Origin origin) {
    audit::Event event{std::move(type), std::move(account_id), std::move(origin), {}};
    event.detail["provider"] = connection.provider;
    event.detail["connection"] = connection.id;
    event.detail["issuer"] = connection.issuer;
    event.detail["subject"] = connection.subject;
    return event;
}

}  // namespace

audit::Event linked_event(const vault::Connection& connection, std::string account_id,
                          LinkProof proof, audit::Origin origin) {
    auto event =
        event_of("connection.linked", connection, std::move(account_id), std::move(origin));
    event.detail["proof"] = boost::describe::enum_to_string(proof, "");
    return event;
}

audit::Event unlinked_event(const vault::Connection& connection, std::string account_id,
                            audit::Origin origin) {
    return event_of("connection.unlinked", connection, std::move(account_id), std::move(origin));
}

}  // namespace cardea::sign_in
