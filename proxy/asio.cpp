// The one translation unit that compiles Asio's own code (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/detail/epoll_reactor.hpp>
#include <memory_resource>
#include <new>

namespace boost::asio::detail {

namespace {

using Descriptor = epoll_reactor::descriptor_state;

// Asio keeps what it notes of a socket, when that is closed, for the next one. Allocated one by one
// between all that belongs to connections, each of these notes would keep a page from being given
// back (server::MemoryReturn): 40 MB after 10,000 connections. So they lie side by side.
std::pmr::memory_resource& side_by_side() {
  static std::pmr::synchronized_pool_resource pool;
  return pool;
}

}  // namespace

template <>
Descriptor* object_pool_access::create<Descriptor, bool>(bool locking) {
  return new (side_by_side().allocate(sizeof(Descriptor), alignof(Descriptor))) Descriptor(locking);
}

template <>
void object_pool_access::destroy<Descriptor>(Descriptor* descriptor) {
  descriptor->~Descriptor();
  side_by_side().deallocate(descriptor, sizeof(Descriptor), alignof(Descriptor));
}

}  // namespace boost::asio::detail

#include <boost/asio/impl/src.hpp>
