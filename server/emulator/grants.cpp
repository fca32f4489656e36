#include "server/emulator/grants.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/jose/jwt.hpp"

namespace cardea::emulator {
namespace {

using jose::Algorithm;

std::string text_in(const schema::JsonObject& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::int64_t number_in(const schema::JsonObject& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->as_int64() : 0;
}

std::string half_hash(std::string_view token) {
    auto digest = crypto::sha256(token);
    return to_base64url(ByteView(digest).first(16));
}

}  // namespace

std::string Person::subject() const {
    auto digest = crypto::sha256("development person " + email);
    return "dev-" + to_hex(ByteView(digest).first(10));
}

Grants::Grants(Options options, jose::Key id_token_key, const Clock& clock, crypto::Random& random)
    : options_(std::move(options)),
      id_token_key_(std::move(id_token_key)),
      own_key_(jose::Key::from_hmac_secret(options_.secret)),
      clock_(clock),
      random_(random) {}

std::string Grants::random_text() const {
    return to_base64url(random_.bytes(32));
}

std::string Grants::give_code(Consent consent) {
    forget_old_codes();
    auto code = random_text();
    codes_.emplace(code, Code{std::move(consent), random_text(), clock_.now() + code_lifetime});
    return code;
}

void Grants::forget_old_codes() {
    auto is_old = [now = clock_.now()](const auto& code) { return code.second.expires_at <= now; };
    std::erase_if(codes_, is_old);
}

Result<schema::JsonObject> Grants::redeem(std::string_view code, std::string_view redirect_uri,
                                          std::string_view code_verifier) {
    forget_old_codes();
    auto found = codes_.find(code);
    if (found == codes_.end()) return fail(invalid_grant, "an unknown or old code");
    auto& given = found->second;
    if (std::exchange(given.used, true)) {
        ended_.insert(given.family);
        return fail(invalid_grant, "a code used twice");
    }
    const auto& consent = given.consent;
    if (consent.redirect_uri != redirect_uri) return fail(invalid_grant, "another redirect_uri");
    auto challenge = to_base64url(crypto::sha256(code_verifier));
    if (!constant_time_equal(challenge, consent.code_challenge)) {
        return fail(invalid_grant, "the code_verifier does not fit");
    }
    Line line{consent.person, consent.scope, given.family, 1, to_unix_seconds(clock_.now())};
    generations_[line.family] = line.generation;
    return answer(line, consent.nonce);
}

Result<schema::JsonObject> Grants::renew(std::string_view refresh_token) {
    auto content = unseal("refresh", refresh_token);
    if (!content) return fail(invalid_grant, content.error());
    auto line = read_line(*content);
    if (ended_.contains(line.family)) return fail(invalid_grant, "revoked");
    // After a restart the first one that comes is taken for the living one.
    auto& living = generations_.try_emplace(line.family, line.generation).first->second;
    if (line.generation != living) {
        ended_.insert(line.family);
        return fail(invalid_grant, "a refresh token used twice");
    }
    living = ++line.generation;
    return answer(line, {});
}

Result<Person> Grants::person_of(std::string_view access_token) const {
    auto content = unseal("access", access_token);
    if (!content) return fail(invalid_token, content.error());
    auto line = read_line(*content);
    if (ended_.contains(line.family)) return fail(invalid_token, "revoked");
    return line.person;
}

void Grants::revoke(std::string_view token) {
    for (std::string_view use : {"refresh", "access"}) {
        auto content = unseal(use, token);
        if (content) ended_.insert(read_line(*content).family);
    }
}

std::string Grants::key_set() const {
    return R"({"keys":[)" + id_token_key_.to_public_jwk() + "]}";
}

std::string Grants::seal_request(schema::JsonObject request) const {
    request["use"] = "request";
    request["iss"] = options_.issuer;
    request["exp"] = to_unix_seconds(clock_.now() + 10min);
    return seal(request);
}

std::string Grants::seal(const schema::JsonObject& content) const {
    auto sealed = jose::sign(own_key_, Algorithm::HS256, content);
    return sealed ? *sealed : std::string();
}

Result<schema::JsonObject> Grants::unseal(std::string_view use, std::string_view text) const {
    auto parsed = jose::parse(text);
    if (!parsed) return std::unexpected(parsed.error());
    auto content = jose::verify(*parsed, own_key_, {Algorithm::HS256});
    if (!content) return content;
    if (text_in(*content, "use") != use) return fail(invalid_grant, "of another use");
    if (text_in(*content, "iss") != options_.issuer)
        return fail(invalid_grant, "of another issuer");
    if (number_in(*content, "exp") <= to_unix_seconds(clock_.now())) {
        return fail(invalid_grant, "expired");
    }
    return content;
}

Grants::Line Grants::read_line(const schema::JsonObject& content) const {
    Person person{text_in(content, "email"), text_in(content, "name")};
    return {std::move(person), text_in(content, "scope"), text_in(content, "family"),
            number_in(content, "generation"), number_in(content, "auth_time")};
}

schema::JsonObject Grants::write_line(const Line& line, std::string_view use,
                                      Seconds lifetime) const {
    auto now = to_unix_seconds(clock_.now());
    return {{"iss", options_.issuer},         {"use", use},
            {"sub", line.person.subject()},   {"email", line.person.email},
            {"name", line.person.name},       {"scope", line.scope},
            {"family", line.family},          {"generation", line.generation},
            {"auth_time", line.signed_in_at}, {"iat", now},
            {"exp", now + lifetime.count()}};
}

Result<schema::JsonObject> Grants::answer(const Line& line, std::string_view nonce) const {
    auto access_token = seal(write_line(line, "access", options_.token_lifetime));
    auto refresh_token = seal(write_line(line, "refresh", 90 * 24h));
    auto proof = id_token(line, nonce, access_token);
    if (!proof) return std::unexpected(proof.error());
    return schema::JsonObject{{"access_token", access_token},
                              {"token_type", "Bearer"},
                              {"expires_in", options_.token_lifetime.count()},
                              {"refresh_token", refresh_token},
                              {"id_token", *proof},
                              {"scope", line.scope}};
}

Result<std::string> Grants::id_token(const Line& line, std::string_view nonce,
                                     std::string_view access_token) const {
    auto now = to_unix_seconds(clock_.now());
    schema::JsonObject claims{{"iss", options_.issuer},
                              {"sub", line.person.subject()},
                              {"aud", options_.client_id},
                              {"iat", now},
                              {"exp", now + options_.token_lifetime.count()},
                              {"auth_time", line.signed_in_at},
                              {"at_hash", half_hash(access_token)},
                              {"email", line.person.email},
                              {"email_verified", true},
                              {"name", line.person.name}};
    if (!nonce.empty()) claims["nonce"] = nonce;
    return jose::sign(id_token_key_, Algorithm::ES256, claims);
}

}  // namespace cardea::emulator
