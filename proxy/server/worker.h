// Worker: one thread with its own loop, its own listening sockets and the connections it accepted.
// Workers share nothing on the data path. Other threads call publish(), drain() and run() alone,
// which post to the worker's loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proxy/net/task.h"
#include "proxy/server/listening_socket.h"
#include "proxy/serving/serving_state.h"
#include "proxy/session/admission.h"

namespace chainmend::server {

// What all workers count together.
struct Totals {
  std::atomic<std::uint64_t> next_connection_id{1};
  session::Admission admission;
};

// A change of what a worker serves: applied at one moment, for the connections that come after it.
struct Publication {
  struct Opened {
    std::string address;  // the socket's key in Listeners: "127.0.0.1:443"
    FileDescriptor socket;
  };
  serving::ServingStatePtr state;
  std::vector<Opened> opened;
  std::vector<std::string> closed;               // keys
  std::map<std::string, std::string> listeners;  // key -> listener, of every socket from now on
};

class Worker {
 public:
  // services and totals must outlive it.
  Worker(const session::Services& services, Totals& totals);
  ~Worker();  // stops; open connections are dropped
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void publish(Publication publication);
  // Closes the listening sockets and ends each connection after its request.
  void drain();
  // Runs job on the worker's thread.
  void run(std::function<void()> job);

 private:
  struct Socket;

  void apply(Publication& publication);
  net::Task<void> accept_loop(std::shared_ptr<Socket> socket);
  // False: better not to accept another one now.
  bool take(Socket& from, net::Socket client, const boost::asio::ip::tcp::endpoint& peer);
  void accept_failed(const Socket& socket);

  session::WorkerContext context_;
  Totals& totals_;
  serving::ServingStatePtr state_;
  std::map<std::string, std::shared_ptr<Socket>> sockets_;
  std::thread thread_;
};

}  // namespace chainmend::server
