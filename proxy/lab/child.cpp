#include "proxy/lab/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

namespace chainmend::lab {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostText = std::size_t{4} * 1024 * 1024;

certs::Error cannot_start(const std::string& program, int error) {
  return {certs::ErrorCode::cannot_read, "cannot start it: " + std::string(std::strerror(error)),
          program, 0};
}

// Only calls that are safe between fork() and exec().
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) {
    _exit(127);  // the parent died before it could be told so
  }
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

certs::Result<pid_t> spawn(const std::vector<std::string>& command, int output) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    become(arguments.data(), output, parent);
  }
  if (pid < 0) {
    return tl::unexpected(cannot_start(command.front(), errno));
  }
  return pid;
}

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

certs::Result<Child> Child::start(const std::vector<std::string>& command,
                                  const std::filesystem::path& log) {
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file < 0) {
    return certs::fail(certs::ErrorCode::cannot_read,
                       "cannot write this file: " + std::string(std::strerror(errno)),
                       log.string());
  }
  const auto pid = spawn(command, file);
  close(file);
  return pid.map([](pid_t one) { return Child(one); });
}

certs::Result<Output> Child::run(const std::vector<std::string>& command,
                                 std::chrono::seconds patience) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return tl::unexpected(cannot_start(command.front(), errno));
  }
  const auto pid = spawn(command, ends[1]);
  close(ends[1]);
  if (!pid) {
    close(ends[0]);
    return tl::unexpected(pid.error());
  }
  Child child(*pid);
  Output output;
  const auto until = Clock::now() + patience;
  std::array<char, 4096> block{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd one{ends[0], POLLIN, 0};
    if (left <= 0 || ::poll(&one, 1, static_cast<int>(left)) <= 0) {
      break;
    }
    const auto n = ::read(ends[0], block.data(), block.size());
    if (n <= 0 || output.text.size() > kMostText) {
      break;
    }
    output.text.append(block.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  if (!child.wait_until(until)) {
    kill(child.pid_, SIGKILL);
    child.wait_until(Clock::now() + std::chrono::seconds(10));
  }
  output.status = child.status_;
  return output;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

Child::~Child() {
  if (pid_ < 0) {
    return;
  }
  kill(pid_, SIGTERM);
  if (!wait_until(Clock::now() + std::chrono::seconds(2))) {
    kill(pid_, SIGKILL);
    wait_until(Clock::now() + std::chrono::seconds(10));
  }
}

bool Child::has_ended() { return wait_until(Clock::now()); }

bool Child::wait_until(Clock::time_point until) {
  while (pid_ >= 0) {
    int wait_status = 0;
    const pid_t ended = waitpid(pid_, &wait_status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      status_ = status_of(wait_status);
    } else if (Clock::now() >= until) {
      return false;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  return true;
}

}  // namespace chainmend::lab
