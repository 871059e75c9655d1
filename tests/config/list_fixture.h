#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/destination_check.h"
#include "config/list_reader.h"
#include "tests/config/config_fixture.h"

namespace steer::config::test {

// A list read as "d.list" and checked, with two listeners and a few names.
struct CheckedList {
  std::string text;
  Diagnostics diagnostics;
  std::vector<dispatch::SetDefinition> sets;

  explicit CheckedList(std::string_view list, Dialect dialect = Dialect::kKamailio)
      : CheckedList{list, dialect, two_listeners()} {}

  CheckedList(std::string_view list, Dialect dialect,
              const std::vector<dispatch::ListenerDefinition>& listeners)
      : text{list} {
    const std::string file = "d.list";
    const Resolver resolver = fake_resolver({{"as3.core.example.net", {"192.0.2.13"}},
                                             {"both.example.net", {"2001:db8::5", "192.0.2.5"}},
                                             {"six.example.net", {"2001:db8::6"}},
                                             {"nowhere.example.net", {"0.0.0.0"}},
                                             {"my_host", {"192.0.2.77"}}});
    const std::vector<ListRow> rows = read_list(text, file, dialect, diagnostics);
    sets = check_destinations(rows, {file, dialect, listeners, resolver}, diagnostics);
  }
  std::string said(std::string_view words) const { return line_with(diagnostics, words); }
  std::string all() const { return joined(diagnostics); }
};

}  // namespace steer::config::test
