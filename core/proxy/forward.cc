// HOT: runs once per datagram.
#include "core/proxy/forward.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <system_error>

#include "core/sip/edits.h"

namespace steer::proxy {
namespace {

// Text made for one message, in fixed space. What does not fit is refused by full().
template <std::size_t Capacity>
class Scratch {
 public:
  void append(std::string_view text) noexcept {
    if (text.size() > Capacity - size_) {
      full_ = true;
      return;
    }
    std::memcpy(octets_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append(std::uint32_t number) noexcept {
    const auto [end, problem] =
        std::to_chars(octets_.data() + size_, octets_.data() + octets_.size(), number);
    full_ = full_ || problem != std::errc{};
    size_ = static_cast<std::size_t>(end - octets_.data());
  }
  std::size_t size() const noexcept { return size_; }
  std::string_view since(std::size_t begin) const noexcept {
    return {octets_.data() + begin, size_ - begin};
  }
  bool full() const noexcept { return full_; }

 private:
  std::size_t size_ = 0;
  bool full_ = false;
  std::array<char, Capacity> octets_;  // Filled as far as size_.
};

// The stamp of the client's Via and a Max-Forwards line.
using RequestScratch = Scratch<128>;

// Via, received, rport, Max-Forwards, Record-Route, Request-URI, three for the last Route, and
// those of RouteCuts.
constexpr std::size_t kEditCountMax = 9 + RouteCuts{}.cuts.size();

class EditList {
 public:
  void add(std::uint32_t begin, std::uint32_t end, std::string_view text) noexcept {
    edits_[count_++] = {begin, end - begin, text};
  }
  // Ascending by place; edits at one place keep the order they were added in, but what is only put
  // in goes before what is replaced: after it, it would lie within the octets taken out.
  std::span<const sip::Edit> sorted() noexcept {
    for (std::size_t i = 1; i < count_; ++i) {
      for (std::size_t j = i; j > 0 && goes_before(edits_[j], edits_[j - 1]); --j) {
        std::swap(edits_[j], edits_[j - 1]);
      }
    }
    return {edits_.data(), count_};
  }

 private:
  static bool goes_before(const sip::Edit& a, const sip::Edit& b) noexcept {
    if (a.at != b.at) return a.at < b.at;
    return a.erase == 0 && b.erase != 0;
  }

  std::size_t count_ = 0;
  std::array<sip::Edit, kEditCountMax> edits_;  // Filled as far as count_.
};

// received and rport on the client's Via: in place of what stood there, else after its sent-by.
void stamp_via(const sip::Via& via, const sip::ViaStamp& stamp, RequestScratch& scratch,
               EditList& list) noexcept {
  if (!stamp.received.empty()) {
    const std::size_t begin = scratch.size();
    scratch.append(";received=");
    scratch.append(stamp.received);
    const bool there = via.received_begin != via.received_end;
    const std::uint32_t at = there ? via.received_begin : via.sent_by_end;
    list.add(at, there ? via.received_end : at, scratch.since(begin));
  }
  if (stamp.rport != 0) {
    const std::size_t begin = scratch.size();
    scratch.append(";rport=");
    scratch.append(std::uint32_t{stamp.rport});
    const bool there = via.rport_begin != via.rport_end;
    const std::uint32_t at = there ? via.rport_begin : via.sent_by_end;
    list.add(at, there ? via.rport_end : at, scratch.since(begin));
  }
}

// RFC 3261 §16.6 step 3: set where it stands, else put in above the first Via.
void set_max_forwards(const FieldPlaces& places, std::uint32_t value, std::uint32_t via_at,
                      RequestScratch& scratch, EditList& list) noexcept {
  const std::size_t begin = scratch.size();
  if (const sip::HeaderField* field = places.first(sip::HeaderId::kMaxForwards)) {
    scratch.append(value);
    list.add(field->value_begin, field->value_end, scratch.since(begin));
    return;
  }
  scratch.append("Max-Forwards: ");
  scratch.append(value);
  scratch.append("\r\n");
  list.add(via_at, via_at, scratch.since(begin));
}

// RFC 3261 §16.4, §16.6 step 6: what strict routers make of Request-URI and Route. Rare.
[[gnu::cold, gnu::noinline]] void turn_routes(const sip::Message& request,
                                              const RequestEdits& edits, EditList& list) noexcept {
  if (!edits.request_uri.empty()) {
    const auto begin =
        static_cast<std::uint32_t>(request.request_uri.data() - request.bytes.data());
    const auto size = static_cast<std::uint32_t>(request.request_uri.size());
    list.add(begin, begin + size, edits.request_uri);
  }
  if (edits.last_route.empty()) return;
  const sip::HeaderField* last = nullptr;
  for (const sip::HeaderField& field : request.fields) {
    if (field.id == sip::HeaderId::kRoute) last = &field;
  }
  if (last == nullptr) return;
  list.add(last->end, last->end, "Route: <");
  list.add(last->end, last->end, edits.last_route);
  list.add(last->end, last->end, ">\r\n");
}

}  // namespace

std::size_t write_request(const sip::Message& request, const FieldPlaces& places,
                          const RequestEdits& edits, std::span<char> out) noexcept {
  RequestScratch scratch;
  EditList list;
  const sip::HeaderField* top = places.first(sip::HeaderId::kVia);
  if (top == nullptr) return 0;
  list.add(top->begin, top->begin, edits.via_line);
  if (!edits.record_routes.empty()) list.add(top->begin, top->begin, edits.record_routes);
  set_max_forwards(places, edits.max_forwards, top->begin, scratch, list);
  stamp_via(request.via, edits.stamp, scratch, list);
  for (const sip::Cut& cut : edits.own_routes) {
    list.add(cut.begin, cut.end, {});
  }
  if (!edits.request_uri.empty() || !edits.last_route.empty()) turn_routes(request, edits, list);
  if (scratch.full()) return 0;
  return sip::apply(request.bytes, list.sorted(), out);
}

std::size_t write_response(const sip::Message& response, std::span<char> out) noexcept {
  const sip::Cut cut = sip::cut_of_top_via(response);
  const sip::Edit edit{cut.begin, cut.end - cut.begin, {}};
  return sip::apply(response.bytes, {&edit, 1}, out);
}

}  // namespace steer::proxy
