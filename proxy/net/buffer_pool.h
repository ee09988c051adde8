// BufferPool: the blocks that bytes pass through on one thread. A connection takes a block when
// there is something to read and gives it back when it waits, so memory follows the connections
// that move bytes and not those that are open. Owned by and used on one thread; blocks must be
// returned before the pool goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace chainmend::net {

class BufferPool {
 public:
  static constexpr std::size_t kBlockSize = 64 * 1024;
  static constexpr std::size_t kKept =
      64;  // free blocks kept for reuse (4 MiB a thread); more are freed

  class Block {
   public:
    Block() = default;
    Block(Block&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          memory_(std::move(other.memory_)),
          size_(other.size_) {}
    Block& operator=(Block&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(memory_, other.memory_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~Block() { release(); }

    void release() {
      if (memory_ && size_ == kBlockSize) {
        pool_->put(std::move(memory_));
      }
      memory_.reset();
    }
    explicit operator bool() const { return memory_ != nullptr; }
    std::uint8_t* data() { return memory_.get(); }
    std::size_t size() const { return size_; }
    std::span<std::uint8_t> span() { return {memory_.get(), size_}; }

   private:
    friend class BufferPool;
    Block(BufferPool* pool, std::unique_ptr<std::uint8_t[]> memory, std::size_t size = kBlockSize)
        : pool_(pool), memory_(std::move(memory)), size_(size) {}
    BufferPool* pool_ = nullptr;
    std::unique_ptr<std::uint8_t[]> memory_;
    std::size_t size_ = kBlockSize;
  };

  Block take() {
    if (free_.empty()) {
      return Block(this, std::make_unique_for_overwrite<std::uint8_t[]>(kBlockSize));
    }
    auto memory = std::move(free_.back());
    free_.pop_back();
    return Block(this, std::move(memory));
  }
  // One of another size, which is freed after use.
  Block take_big(std::size_t size) {
    return Block(this, std::make_unique_for_overwrite<std::uint8_t[]>(size), size);
  }

 private:
  void put(std::unique_ptr<std::uint8_t[]> memory) {
    if (free_.size() < kKept) {
      free_.push_back(std::move(memory));
    }
  }
  std::vector<std::unique_ptr<std::uint8_t[]>> free_;
};

}  // namespace chainmend::net
