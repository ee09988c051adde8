#include "proxy/net/deadline.h"

#include <cassert>

namespace chainmend::net {

Deadline::Deadline(DeadlineSet& set, OnExpiry on_expiry, void* argument)
    : set_(set), on_expiry_(on_expiry), argument_(argument) {
  set_.add(*this);
}

Deadline::~Deadline() { set_.remove(*this); }

DeadlineSet::~DeadlineSet() { assert(first_ == nullptr); }

void DeadlineSet::add(Deadline& d) {
  d.next_ = first_;
  if (first_ != nullptr) {
    first_->previous_ = &d;
  }
  first_ = &d;
  arm();
}

void DeadlineSet::remove(Deadline& d) {
  if (d.previous_ != nullptr) {
    d.previous_->next_ = d.next_;
  } else {
    first_ = d.next_;
  }
  if (d.next_ != nullptr) {
    d.next_->previous_ = d.previous_;
  }
}

void DeadlineSet::arm() {
  if (armed_ || timer_ == nullptr || first_ == nullptr) {
    return;
  }
  armed_ = true;
  timer_->expires_after(kTick);
  timer_->async_wait([this](const boost::system::error_code& error) {
    if (error) {
      return;  // the io_context is going down, and this set with it
    }
    armed_ = false;
    sweep(Clock::now());
    arm();
  });
}

void DeadlineSet::sweep(Clock::time_point now) {
  for (Deadline* d = first_; d != nullptr; d = d->next_) {
    if (d->at_ <= now) {
      d->at_ = Clock::time_point::max();
      d->expired_ = true;
      d->on_expiry_(d->argument_);
    }
  }
}

}  // namespace chainmend::net
