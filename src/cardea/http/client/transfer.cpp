#include "cardea/http/client/transfer.hpp"

#include <sys/socket.h>

#include <new>

#include "cardea/base/text.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/http/client/reach.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::http {
namespace {

constexpr std::size_t longest_header = 64 * 1024;  // of all header lines together

bool is_tls_error(CURLcode code) {
    switch (code) {
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_USE_SSL_FAILED:
            return true;
        default:
            return false;
    }
}

}  // namespace

Transfer::Transfer(std::shared_ptr<Multi> multi, std::shared_ptr<const ClientOptions> options,
                   Request request, Limits limits)
    : multi_(std::move(multi)),
      options_(std::move(options)),
      request_(std::move(request)),
      limits_(limits),
      timer_(multi_->executor()),
      begun_(std::chrono::steady_clock::now()),
      easy_(curl_easy_init()),
      url_(curl_url()) {
    if (easy_ == nullptr || url_ == nullptr) throw std::bad_alloc();
}

Transfer::~Transfer() {
    if (added_) multi_->remove(easy_);
    curl_easy_cleanup(easy_);
    curl_url_cleanup(url_);
    curl_slist_free_all(headers_);
    wipe(request_.body);  // client secrets, codes, refresh tokens
}

Result<void> Transfer::start() {
    auto readable = read_url();
    if (!readable) return readable;
    set_trust();
    set_request();
    set_limits();
    auto code = multi_->add(easy_, *this);
    if (code != CURLM_OK) return fail(peer_unreachable, curl_multi_strerror(code));
    added_ = true;
    return {};
}

Result<void> Transfer::read_url() {
    // No user name in it, no blanks, no controls.
    auto code = curl_url_set(url_, CURLUPART_URL, request_.target.c_str(), CURLU_DISALLOW_USER);
    if (code != CURLUE_OK) return fail(url_refused, curl_url_strerror(code));
    char* part = nullptr;
    code = curl_url_get(url_, CURLUPART_SCHEME, &part, 0);
    if (code != CURLUE_OK) return fail(url_refused, curl_url_strerror(code));
    std::string scheme(part);
    curl_free(part);
    plain_ = scheme == "http";
    if (scheme != "https" && !plain_) return fail(url_refused, "scheme " + scheme);
    if (plain_ && !options_->insecure_allow_loopback) return fail(url_refused, "plain http");
    return {};
}

void Transfer::set_trust() {
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, plain_ ? "http" : "https");
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");  // not even one from the environment
    curl_easy_setopt(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (options_->ca_file.empty()) return;
    curl_easy_setopt(easy_, CURLOPT_CAINFO, options_->ca_file.c_str());
    curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
}

void Transfer::set_request() {
    curl_easy_setopt(easy_, CURLOPT_CURLU, url_);
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, options_->user_agent.c_str());
    curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (!request_.body.empty() || request_.method == Method::post) {
        auto size = static_cast<curl_off_t>(request_.body.size());
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, size);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.data());
        // libcurl would name a form's type, and would wait for a 100 before large bodies.
        if (!request_.headers.has("Content-Type"))
            headers_ = curl_slist_append(headers_, "Content-Type:");
        headers_ = curl_slist_append(headers_, "Expect:");
    }
    std::string method(to_string(request_.method));
    if (request_.method == Method::head) curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    if (request_.method != Method::head) {
        curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    }
    for (const auto& field : request_.headers) add_header(field.name, field.value);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
}

void Transfer::add_header(std::string_view name, std::string_view value) {
    std::string line(name);
    // The semicolon is libcurl's way to send a field without a value.
    line += value.empty() ? ";" : ": ";
    line += value;
    headers_ = curl_slist_append(headers_, line.c_str());
    wipe(line);
}

void Transfer::set_limits() {
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    // A name server that does not answer must not hold up the I/O thread when a transfer ends.
    curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
    auto limit = static_cast<curl_off_t>(limits_.response_bytes);
    curl_easy_setopt(easy_, CURLOPT_MAXFILESIZE_LARGE, limit);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, message_.data());
}

curl_socket_t Transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
    auto* transfer = static_cast<Transfer*>(self);
    if (!transfer->may_connect(address->addr)) {
        transfer->address_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool Transfer::may_connect(const sockaddr& address) const {
    auto reach = reach_of(address);
    if (reach == Reach::loopback) return options_->insecure_allow_loopback;
    return reach == Reach::global && !plain_;
}

std::size_t Transfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->keep_header({data, size}) ? size : 0;
}

bool Transfer::keep_header(std::string_view line) {
    answering_ = true;
    header_bytes_ += line.size();
    too_large_ = header_bytes_ > longest_header;
    if (too_large_) return false;
    // Each response has a status line; what stood before belongs to a 1xx.
    if (line.starts_with("HTTP/")) response_.headers = {};
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    auto name = line.substr(0, colon);
    auto value = trim(line.substr(colon + 1));
    if (!has_control(name) && !has_control(value)) response_.headers.add(name, std::string(value));
    return true;
}

std::size_t Transfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->keep_body({data, size}) ? size : 0;
}

// Counts after decoding: a small compressed body can hold a very large one.
bool Transfer::keep_body(std::string_view part) {
    answering_ = true;
    too_large_ = response_.body.size() + part.size() > limits_.response_bytes;
    if (too_large_) return false;
    response_.body += part;
    return true;
}

void Transfer::ended(CURLcode code) {
    if (ended_) return;
    ended_ = true;
    code_ = code;
    timer_.cancel();
}

Transfer::SteadyTime Transfer::next_deadline() const {
    auto total = begun_ + limits_.total;
    return answering_ ? total : std::min(total, begun_ + limits_.first_byte);
}

Task<Response> Transfer::outcome() {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    while (!ended_) {
        auto deadline = next_deadline();
        if (std::chrono::steady_clock::now() >= deadline) {
            co_return fail(peer_timeout, answering_ ? "the whole answer" : "the first byte");
        }
        timer_.expires_at(deadline);
        co_await timer_.async_wait(token);
        if (error && !ended_) co_return fail(deadline_passed, "the request was cancelled");
    }
    co_return finish();
}

Result<Response> Transfer::finish() {
    if (code_ != CURLE_OK) return std::unexpected(error_of(code_));
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.headers.remove("Content-Encoding");  // it is decoded
    return std::move(response_);
}

Error Transfer::error_of(CURLcode code) const {
    std::string detail(message_[0] != '\0' ? message_.data() : curl_easy_strerror(code));
    if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) return Error(peer_too_large, detail);
    if (code == CURLE_OPERATION_TIMEDOUT) return Error(peer_timeout, detail);
    if (is_tls_error(code)) return Error(peer_tls, detail);
    if (address_refused_) return Error(url_refused, "the address is not a public one");
    return Error(peer_unreachable, detail);
}

}  // namespace cardea::http
