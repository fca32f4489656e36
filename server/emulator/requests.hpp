// Reading what reaches an emulated provider, and writing its answers: functions without state.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/http/message.hpp"
#include "cardea/http/parameters.hpp"
#include "server/emulator/client_check.hpp"
#include "server/emulator/ledger.hpp"

namespace cardea::emulator {

/// The target without its query.
std::string url_of(const http::Request& request);
/// The query's parameters; none when it is not well formed.
http::Parameters query_of(const http::Request& request);
/// The value that stands there exactly once, else empty.
std::string only(const http::Parameters& parameters, std::string_view name);
/// The parameters of a request in that format. Fails with `request.parameters` for another format.
Result<http::Parameters> parameters_of(const http::Request& request, BodyFormat format);
/// A GET has no body, whatever the table says.
BodyFormat format_of(const Behaviour& behaviour, const http::Request& request);
/// Target, header fields (Basic decoded) and body as one text, to look for names in.
std::string everything_in(const http::Request& request);

/// What follows the scheme (with its space) in Authorization; empty for another scheme.
std::string authorization_in(const http::Request& request, std::string_view scheme);

/// The words of a text, in the order of the alphabet.
std::vector<std::string> sorted_texts(std::string_view text, const std::string& separator);
/// What stands for a `{name}`; nothing leaves it standing.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;
std::string fill_expectation(std::string_view text, const Lookup& lookup);

// Of a table.

std::string discovery_url(const Behaviour& behaviour);
/// RFC 7591's name of the method.
std::string auth_method_name(ClientProof proof);
/// Whether the URL is the profile's; one that holds `{subject}` has many.
bool is_profile_url(const Behaviour& behaviour, std::string_view url);
/// Whether the request is for the revocation endpoint, which may share its URL with others.
bool is_revocation(const Behaviour& behaviour, const Registration& client,
                   const http::Request& request);
/// The name under which a second exchange sends the short token.
std::string chain_token_param(const ChainBehaviour& chain);
/// What the browser takes back beside code and state.
Texts callback_facts(const Behaviour& behaviour, const Agreement& consent);
/// The HMAC over the answer, where the table wants one.
void sign_answer(const Behaviour& behaviour, const Registration& client, http::Parameters& answer);

/// The access token where the profile call has it; empty when it is not there.
std::string token_in(const ProfileBehaviour& rules, const http::Request& request);
/// Empty when the body is the JSON that the table wants.
std::string problem_with_json(const std::string& wanted, const http::Request& request);

// Revocation.

/// How the client proves itself; nothing where the token is the proof.
std::optional<ClientProof> revocation_proof(const Behaviour& behaviour,
                                            const RevocationBehaviour& rules);
Result<http::Parameters> revocation_parameters(const RevocationBehaviour& rules,
                                               const http::Request& request);
std::string revoked_token(const RevocationBehaviour& rules, const http::Request& request,
                          const http::Parameters& parameters);
/// Whether credentials or a token stand where the table wants none: they are for others' eyes then.
bool tells_too_much(const Behaviour& behaviour, const RevocationBehaviour& rules,
                    const http::Request& request, const http::Parameters& parameters);
/// Whether an account is named instead of a token.
bool names_account(const RevocationBehaviour& rules);
bool accepts(const RevocationBehaviour& rules, Kind kind);

// Answers.

http::Response json_response(int status, const schema::Json& json);
/// Texts that are numbers or truth values become such.
schema::Json plain_value(std::string_view text);
/// Unless something stands there already.
void put_missing(schema::Json& root, std::string_view pointer, schema::Json value);
/// The pointer, or its last part alone where the answer is plain.
std::string place_of(const std::string& pointer, bool plain);

}  // namespace cardea::emulator
