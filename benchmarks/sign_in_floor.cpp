#include "benchmarks/sign_in_floor.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <time.h>

#include <functional>
#include <stdexcept>
#include <vector>

#include "cardea/db/migration.hpp"
#include "cardea/db/sqlite/sqlite.hpp"

namespace cardea::bench {
namespace {

constexpr int calls_a_round = 2000;
constexpr int verifications_a_round = 1000;
constexpr int sign_ins_a_commit = 16;
constexpr int commits_a_round = 60;
constexpr int people = 200;

void demand(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(std::string("the floor of a sign-in: ") + what);
}

/// Of this thread, for `count` sign-ins.
double processor_us(int count, const std::function<void()>& work) {
    auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
    };
    auto begin = now();
    work();
    return (now() - begin) / count;
}

class Calls {
  public:
    explicit Calls(std::uint16_t server) : curl_(curl_easy_init()) {
        demand(curl_ != nullptr, "libcurl");
        auto url = fmt::format("http://127.0.0.1:{}/", server);
        curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, ignore);
    }
    ~Calls() { curl_easy_cleanup(curl_); }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    void post(const std::string& form) {
        curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, form.c_str());
        perform();
    }
    void get() {
        curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
        perform();
    }

  private:
    static std::size_t ignore(char*, std::size_t size, std::size_t count, void*) {
        return size * count;
    }
    void perform() { demand(curl_easy_perform(curl_) == CURLE_OK, "an HTTP call"); }

    CURL* curl_;
};

class Verification {
  public:
    Verification() : key_(EVP_EC_gen("P-256")), context_(EVP_MD_CTX_new()) {
        std::size_t size = 0;
        demand(begin(EVP_DigestSignInit) && sign(nullptr, size), "a signature");
        signature_.resize(size);
        demand(begin(EVP_DigestSignInit) && sign(signature_.data(), size), "a signature");
        signature_.resize(size);
    }
    ~Verification() {
        EVP_MD_CTX_free(context_);
        EVP_PKEY_free(key_);
    }
    Verification(const Verification&) = delete;
    Verification& operator=(const Verification&) = delete;

    void verify() {
        demand(begin(EVP_DigestVerifyInit) &&
                   EVP_DigestVerify(context_, signature_.data(), signature_.size(), message_.data(),
                                    message_.size()) == 1,
               "a verification");
    }

  private:
    template <class Init>
    bool begin(Init init) {
        return EVP_MD_CTX_reset(context_) == 1 &&
               init(context_, nullptr, EVP_sha256(), nullptr, key_) == 1;
    }
    bool sign(unsigned char* out, std::size_t& size) {
        return EVP_DigestSign(context_, out, &size, message_.data(), message_.size()) == 1;
    }

    EVP_PKEY* key_;
    EVP_MD_CTX* context_;
    std::vector<unsigned char> message_ = std::vector<unsigned char>(600, 'm');  // of an ID token
    std::vector<unsigned char> signature_;
};

/// ?1 is the number of a sign-in, ?2 of its person; the sizes are those of the product's values.
constexpr const char* statements[] = {
    "INSERT INTO verifications VALUES (CAST(printf('%032d', ?1) AS BLOB), 'oauth_state', NULL, "
    "zeroblob(32), 'yahoo', zeroblob(400), ?1, ?1)",
    "DELETE FROM verifications WHERE secret_hash = CAST(printf('%032d', ?1) AS BLOB)",
    "SELECT * FROM connections WHERE issuer = 'https://api.login.yahoo.com' "
    "AND subject = printf('%028d', ?2)",
    "UPDATE connections SET access_token = zeroblob(150), refresh_token = zeroblob(100), "
    "id_token = zeroblob(700), answer = zeroblob(1000), received_at = ?1, expires_at = ?1, "
    "renew_at = ?1, updated_at = ?1, refresh_token_hash = CAST(printf('%032d', ?1) AS BLOB) "
    "WHERE id = printf('%036d', ?2)",
    "INSERT INTO sessions VALUES (printf('%036d', ?1), CAST(printf('%032d', ?1 * 7919 % 1000003) "
    "AS BLOB), printf('%036d', ?2), 'yahoo', 'bench', '127.0.0.1', ?1, ?1, ?1, ?1)",
    "INSERT INTO events VALUES (printf('%036d', ?1), ?1, 'session.opened', printf('%036d', ?2), "
    "printf('%036d', ?2), '127.0.0.1', printf('%036d', ?1), printf('%080d', ?1), "
    "printf('%010d', ?1))",
};
/// ?1 is the number of a person.
constexpr const char* seeds[] = {
    "INSERT INTO accounts (id, email, email_key, email_verified, name, picture, roles, created_at, "
    "updated_at) VALUES (printf('%036d', ?1), ?1, ?1, 1, 'A Person', '', '', 0, 0)",
    "INSERT INTO connections (id, account_id, provider, issuer, subject, email_verified, "
    "token_type, access_token, expiry, received_at, state, failures, generation, connected_at, "
    "updated_at) VALUES (printf('%036d', ?1), printf('%036d', ?1), 'yahoo', "
    "'https://api.login.yahoo.com', printf('%028d', ?1), 1, 'Bearer', zeroblob(150), 'at', 0, "
    "'fresh', 0, 0, 0, 0)",
};

class Rows {
  public:
    explicit Rows(const std::string& folder) {
        db::sqlite::Options options;
        options.path = folder + "/floor.db";
        demand(db::sqlite::migrate(options, db::migrations()).has_value(), "the tables");
        demand(sqlite3_open(options.path.c_str(), &database_) == SQLITE_OK, "the database");
        execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
            "PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -8192;");
        execute("BEGIN");
        for (const auto* seed : seeds) {
            for (int person = 0; person < people; ++person) step(prepare(seed), person, 0);
        }
        execute("COMMIT");
        for (const auto* statement : statements) prepared_.push_back(prepare(statement));
    }
    ~Rows() {
        for (auto* statement : made_) sqlite3_finalize(statement);
        sqlite3_close(database_);
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    void commit_some() {
        execute("BEGIN IMMEDIATE");
        for (int i = 0; i < sign_ins_a_commit; ++i, ++next_) {
            for (auto* statement : prepared_) step(statement, next_, next_ % people);
        }
        execute("COMMIT");
    }

  private:
    void execute(const char* text) {
        auto code = sqlite3_exec(database_, text, nullptr, nullptr, nullptr);
        demand(code == SQLITE_OK, sqlite3_errmsg(database_));
    }
    sqlite3_stmt* prepare(const char* text) {
        sqlite3_stmt* statement = nullptr;
        auto code = sqlite3_prepare_v2(database_, text, -1, &statement, nullptr);
        demand(code == SQLITE_OK, sqlite3_errmsg(database_));
        return made_.emplace_back(statement);
    }
    void step(sqlite3_stmt* statement, int number, int person) {
        sqlite3_bind_int(statement, 1, number);
        if (sqlite3_bind_parameter_count(statement) > 1) sqlite3_bind_int(statement, 2, person);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = sqlite3_step(statement);
        demand(code == SQLITE_DONE, sqlite3_errmsg(database_));
        sqlite3_reset(statement);
    }

    sqlite3* database_ = nullptr;
    std::vector<sqlite3_stmt*> made_;
    std::vector<sqlite3_stmt*> prepared_;
    int next_ = 1;
};

}  // namespace

struct SignInFloor::Parts {
    Parts(const std::string& folder, std::uint16_t server) : calls(server), rows(folder) {}

    Calls calls;
    Verification verification;
    Rows rows;
};

SignInFloor::SignInFloor(const std::string& folder, std::uint16_t server)
    : parts_(std::make_unique<Parts>(folder, server)) {}
SignInFloor::~SignInFloor() = default;

double SignInFloor::http_calls_us() {
    const std::string form(400, 'f');
    return processor_us(calls_a_round, [&] {
        for (int i = 0; i < calls_a_round; ++i) {
            parts_->calls.post(form);
            parts_->calls.get();
        }
    });
}

double SignInFloor::verification_us() {
    return processor_us(verifications_a_round, [&] {
        for (int i = 0; i < verifications_a_round; ++i) parts_->verification.verify();
    });
}

double SignInFloor::rows_us() {
    return processor_us(commits_a_round * sign_ins_a_commit, [&] {
        for (int i = 0; i < commits_a_round; ++i) parts_->rows.commit_some();
    });
}

}  // namespace cardea::bench
