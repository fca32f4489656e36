// Multi: libcurl's multi interface, driven by the I/O thread's event loop.
#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>

namespace cardea::http {

/// Told when a transfer is over. libcurl's callbacks are under way then: note it, do not act.
class Ending {
  public:
    virtual ~Ending() = default;
    virtual void ended(CURLcode code) = 0;
};

/// Owns the connections. libcurl says which sockets to watch and when to call again; the event loop
/// says when one is ready. One thread.
class Multi : public std::enable_shared_from_this<Multi> {
  public:
    Multi(const boost::asio::any_io_executor& executor, std::size_t connections_per_host);
    ~Multi();
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    /// `ending` is told at most once, until remove().
    CURLMcode add(CURL* easy, Ending& ending);
    void remove(CURL* easy);
    /// Ends all transfers, with CURLE_ABORTED_BY_CALLBACK, and takes no more.
    void close();
    boost::asio::any_io_executor executor() { return timer_.get_executor(); }

  private:
    struct Watch;
    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
    static int on_timer(CURLM*, long timeout_ms, void* self);
    void act_soon();
    void watch(curl_socket_t fd, int wanted);
    void unwatch(curl_socket_t fd);
    void await_ready(const std::shared_ptr<Watch>& watched, int direction);
    void act(curl_socket_t fd, int events);
    void report_ended();

    boost::asio::steady_timer timer_;
    std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::map<CURL*, Ending*> transfers_;
    bool acts_soon_ = false;
    bool closed_ = false;
    CURLM* multi_;
};

}  // namespace cardea::http
