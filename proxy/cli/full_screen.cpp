#include "proxy/cli/full_screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace chainmend::cli {

namespace {

// xterm's control sequences, which terminals share: the other screen, no cursor, no wrapping.
constexpr const char* kEnter = "\033[?1049h\033[?25l\033[?7l";
constexpr const char* kLeave = "\033[?7h\033[?25h\033[?1049l";
constexpr const char* kHome = "\033[H";
constexpr const char* kEndOfLine = "\033[K";
constexpr const char* kEndOfScreen = "\033[J";

void put(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

FullScreen::FullScreen(const Terminal& terminal) : terminal_(terminal) {
  ::tcgetattr(STDIN_FILENO, &before_);
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  put(kEnter);
}

FullScreen::~FullScreen() {
  put(kLeave);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

FullScreen::Size FullScreen::size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

void FullScreen::show(const std::vector<StyledLine>& lines) const {
  const Size room = size();
  std::string out = kHome;
  for (std::size_t i = 0; i < std::min(lines.size(), room.rows); ++i) {
    out.append(i == 0 ? "" : "\r\n");
    out.append(terminal_.styled(lines[i].style, cut(lines[i].text, room.columns)));
    out.append(kEndOfLine);
  }
  put(out + kEndOfScreen);
}

std::optional<char> FullScreen::key(std::chrono::milliseconds patience) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char pressed = 0;
  if (::poll(&input, 1, static_cast<int>(patience.count())) <= 0 ||
      ::read(STDIN_FILENO, &pressed, 1) != 1) {
    return std::nullopt;
  }
  return pressed;
}

std::string cut(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins && ++seen > columns) {
      break;
    }
  }
  return text.substr(0, end);
}

}  // namespace chainmend::cli
