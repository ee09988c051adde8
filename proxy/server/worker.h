// Worker: one thread with its own loop, its own listening sockets and the connections it accepted.
// Workers share nothing on the data path. Other threads call publish(), drain() and run() alone,
// which post to the worker's loop.
#pragma once

#include <atomic>
#include <cstddef>
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
  metrics::Gauge retiring;  // listening sockets that will be closed when their queue is empty
};

// A change of what a worker serves: applied at one moment, for the connections that come after it.
struct Publication {
  struct Opened {
    std::string address;  // the socket's key in Listeners: "127.0.0.1:443"
    FileDescriptor socket;
    bool ours = true;  // false: it was passed to this process, and outlives it
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
  // A stop has been announced: each answer from now on says that its connection ends.
  void announce_end();
  // Closes the listening sockets and ends each connection after its request.
  void drain();
  // Runs job on the worker's thread.
  void run(std::function<void()> job);
  // What is open, told on the worker's thread: one line for each of at most so many connections.
  void describe_connections(std::size_t most, std::function<void(std::vector<std::string>)> told);

 private:
  struct Socket;

  void apply(Publication& publication);
  // Serves what the kernel has accepted for this socket, by the state of now, and closes it.
  void retire(std::shared_ptr<Socket> socket, metrics::Held retiring);
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
