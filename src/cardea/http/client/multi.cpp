#include "cardea/http/client/multi.hpp"

#include <new>

namespace cardea::http {

namespace asio = boost::asio;

// libcurl owns the socket; the descriptor only waits for it.
struct Multi::Watch {
    explicit Watch(const asio::any_io_executor& executor, curl_socket_t fd)
        : descriptor(executor, fd) {}
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;   // CURL_POLL_IN, CURL_POLL_OUT or both
    int pending = 0;  // directions with a wait under way
    bool gone = false;
};

Multi::Multi(const asio::any_io_executor& executor, std::size_t connections_per_host)
    : timer_(executor) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::bad_alloc();
    multi_ = curl_multi_init();
    if (multi_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(connections_per_host));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 32L);
}

Multi::~Multi() {
    closed_ = true;
    curl_multi_cleanup(multi_);
    for (auto& [fd, watched] : watches_) {
        watched->gone = true;
        watched->descriptor.release();
    }
    curl_global_cleanup();
}

CURLMcode Multi::add(CURL* easy, Ending& ending) {
    if (closed_) return CURLM_BAD_HANDLE;
    auto code = curl_multi_add_handle(multi_, easy);
    if (code == CURLM_OK) transfers_.emplace(easy, &ending);
    return code;
}

void Multi::remove(CURL* easy) {
    transfers_.erase(easy);
    curl_multi_remove_handle(multi_, easy);
}

void Multi::close() {
    closed_ = true;
    timer_.cancel();
    for (auto& [easy, ending] : transfers_) ending->ended(CURLE_ABORTED_BY_CALLBACK);
}

int Multi::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    auto* multi = static_cast<Multi*>(self);
    what == CURL_POLL_REMOVE ? multi->unwatch(fd) : multi->watch(fd, what);
    return 0;
}

// Never calls back into libcurl from here: it is in the middle of something.
int Multi::on_timer(CURLM*, long timeout_ms, void* self) {
    auto* multi = static_cast<Multi*>(self);
    multi->timer_.cancel();
    if (timeout_ms < 0 || multi->closed_) return 0;
    if (timeout_ms == 0) {
        multi->act_soon();
        return 0;
    }
    multi->timer_.expires_after(std::chrono::milliseconds(timeout_ms));
    auto tick = [weak = multi->weak_from_this()](boost::system::error_code error) {
        auto alive = weak.lock();
        if (!error && alive) alive->act(CURL_SOCKET_TIMEOUT, 0);
    };
    multi->timer_.async_wait(std::move(tick));
    return 0;
}

// Every transfer begins so, and a timer that is due first costs a system call.
void Multi::act_soon() {
    if (acts_soon_) return;
    acts_soon_ = true;
    auto act_now = [weak = weak_from_this()] {
        auto alive = weak.lock();
        if (!alive) return;
        alive->acts_soon_ = false;
        if (!alive->closed_) alive->act(CURL_SOCKET_TIMEOUT, 0);
    };
    asio::post(executor(), std::move(act_now));
}

void Multi::watch(curl_socket_t fd, int wanted) {
    if (closed_) return;
    auto& watched = watches_[fd];
    if (!watched) watched = std::make_shared<Watch>(timer_.get_executor(), fd);
    watched->wanted = wanted;
    await_ready(watched, CURL_POLL_IN);
    await_ready(watched, CURL_POLL_OUT);
}

void Multi::unwatch(curl_socket_t fd) {
    auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    found->second->gone = true;
    // libcurl closes it or keeps it for the next request; the event loop must only forget it.
    found->second->descriptor.release();
    watches_.erase(found);
}

void Multi::await_ready(const std::shared_ptr<Watch>& watched, int direction) {
    if ((watched->wanted & direction) == 0 || (watched->pending & direction) != 0) return;
    watched->pending |= direction;
    auto ready = [weak = weak_from_this(), watched, direction](boost::system::error_code error) {
        watched->pending &= ~direction;
        auto alive = weak.lock();
        if (error || !alive || watched->gone) return;
        if ((watched->wanted & direction) == 0) return;
        auto event = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        alive->act(watched->descriptor.native_handle(), event);
        if (!watched->gone && !alive->closed_) alive->await_ready(watched, direction);
    };
    using Descriptor = asio::posix::stream_descriptor;
    auto wait = direction == CURL_POLL_IN ? Descriptor::wait_read : Descriptor::wait_write;
    watched->descriptor.async_wait(wait, std::move(ready));
}

void Multi::act(curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, fd, events, &running);
    report_ended();
}

void Multi::report_ended() {
    int left = 0;
    while (auto* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        auto found = transfers_.find(message->easy_handle);
        if (found != transfers_.end()) found->second->ended(message->data.result);
    }
}

}  // namespace cardea::http
