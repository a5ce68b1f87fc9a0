#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json/reader.h"
#include "fhir/json/scanner.h"

namespace cpis::fhir::json {

/// Turns one JSON text into a tree, without recursion. For one use; see reader.h for the contract.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, Document& document, Issues& issues, const ReadOptions& options)
      : text_{text},
        document_{document},
        issues_{issues},
        options_{options},
        scan_{text, options.first_line, options.first_column} {}

  bool run();

 private:
  struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
  };

  // A property name seen in an open object: `name` and `_name` share one entry.
  struct Property {
    std::string_view name;  // without the underscore
    Element* first = nullptr;
    bool plain = false;
    bool shadow = false;
    bool plain_array = false;
    bool shadow_array = false;
    bool nulls = false;
  };

  enum class Mode : std::uint8_t { object, array, shadow_array };

  struct Frame {
    Element* element = nullptr;  // the object, or the parent of the items
    Mode mode = Mode::object;
    bool started = false;        // something was read: a comma must come first
    bool type_slot = false;      // `resourceType` names a resource here
    std::uint32_t property = 0;  // arrays: index in properties_
    std::uint32_t index = 0;     // arrays: the next item
    Element* twin = nullptr;     // arrays: the element of the other array at `index`, if any
    std::size_t properties = 0;  // objects: where theirs begin
    std::uint64_t names = 0;     // objects: one bit per hashed name
    Place place;
  };

  bool read_root();
  bool step_object(Frame& frame);
  bool step_array(Frame& frame);
  bool read_property(Frame& frame);
  bool read_resource_type(Frame& frame);
  bool read_value(Element& parent, std::uint32_t property, bool shadow);
  bool read_shadow(Element& parent, std::uint32_t property);
  bool read_shadow_item(Frame& frame);
  bool read_item(Frame& frame);
  bool open_array(Element& parent, std::uint32_t property, bool shadow);
  bool open_object(Element& element, std::string_view name);
  bool read_literal(std::string_view& value, Kind& kind);
  bool close_object(Frame& frame);
  bool close_array(Frame& frame);
  bool skip_value();

  std::uint32_t find_property(Frame& frame, std::string_view name);
  Element* add(Element& parent, Property& property, std::string_view value, Kind kind,
               std::uint32_t index, Element* twin);
  bool fill(Element& twin, std::string_view value, Kind kind);
  bool count_element();

  Place here() const { return {scan_.line(), scan_.column()}; }
  bool fatal(IssueCode code, std::string_view rule, std::string_view why);
  bool syntax(std::string_view why) { return fatal(IssueCode::invalid, "json-syntax", why); }
  void shape(const Element& parent, std::string_view name, Place place, std::string_view rule,
             std::string_view why, bool always_error = false);

  std::string_view text_;
  Document& document_;
  Issues& issues_;
  const ReadOptions& options_;
  Scanner scan_;
  std::vector<Frame> frames_;
  std::vector<Property> properties_;
  Place place_;  // of the value or name being read
  std::size_t elements_ = 0;
};

}  // namespace cpis::fhir::json
