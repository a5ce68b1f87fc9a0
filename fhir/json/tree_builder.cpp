#include "fhir/json/tree_builder.h"

#include <algorithm>
#include <utility>

namespace cpis::fhir::json {
namespace {

constexpr std::size_t bytes_limit = std::size_t{2} * 1024 * 1024 * 1024;
constexpr std::size_t name_bytes_max = 256;
// Enough for nearly every resource, so that the lists do not grow step by step.
constexpr std::size_t usual_depth = 16;
constexpr std::size_t usual_properties = 64;

std::uint64_t name_bit(std::string_view name) {
  if (name.empty()) return 1;
  const auto first = static_cast<unsigned char>(name.front());
  const auto last = static_cast<unsigned char>(name.back());
  return std::uint64_t{1} << ((name.size() * 7U + first * 3U + last) & 63U);
}

// The next item of the same array.
Element* next_twin(Document& document, const Element& twin) {
  const Element* const next = twin.next();
  return next != nullptr && next->name() == twin.name() ? &document.edit(*next) : nullptr;
}

// The members of R4 that hold any resource: DomainResource.contained, Bundle.entry.resource,
// Parameters.parameter.resource, Bundle.entry.response.outcome. Elsewhere `resourceType` is an
// ordinary property (ExampleScenario.instance.resourceType).
bool holds_resource(std::string_view name) {
  return name == "resource" || name == "contained" || name == "outcome";
}

}  // namespace

bool TreeBuilder::run() {
  if (text_.size() > std::min(options_.bytes_max, bytes_limit)) {
    return fatal(IssueCode::too_costly, "json-bytes-max", "the text is longer than the limit");
  }
  frames_.reserve(usual_depth);
  properties_.reserve(usual_properties);
  if (!read_root()) {
    document_.clear();
    return false;
  }
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (!(frame.mode == Mode::object ? step_object(frame) : step_array(frame))) {
      document_.clear();
      return false;
    }
  }
  scan_.skip_blanks();
  if (!scan_.at_end()) {
    syntax("something follows the end of the resource");
    document_.clear();
    return false;
  }
  document_.set_format(Format::json);
  return true;
}

bool TreeBuilder::read_root() {
  const bool marked = scan_.skip_byte_order_mark();
  scan_.skip_blanks();
  place_ = here();
  if (scan_.peek() != '{') return syntax("a JSON object was expected");
  Element& root = document_.set_fragment({});
  if (marked) {
    shape(root, {}, place_, "json-byte-order-mark", "the text starts with a byte order mark");
  }
  return open_object(root, "resource");
}

bool TreeBuilder::step_object(Frame& frame) {
  scan_.skip_blanks();
  if (scan_.peek() == '}') {
    scan_.advance();
    return close_object(frame);
  }
  if (frame.started) {
    if (scan_.peek() != ',') return syntax("a comma or the end of the object was expected");
    scan_.advance();
    scan_.skip_blanks();
  }
  frame.started = true;
  if (scan_.peek() != '"') return syntax("a property name in quotes was expected");
  return read_property(frame);
}

bool TreeBuilder::read_property(Frame& frame) {
  place_ = here();
  std::string_view name;
  if (!scan_.string(name, document_)) return syntax(scan_.error());
  if (name.size() > name_bytes_max) {
    return fatal(IssueCode::too_costly, "json-name-max", "a property name is too long");
  }
  scan_.skip_blanks();
  if (scan_.peek() != ':') return syntax("a colon was expected");
  scan_.advance();
  scan_.skip_blanks();
  if (frame.type_slot && name == "resourceType") return read_resource_type(frame);

  const bool shadow = name.size() > 1 && name.front() == '_';
  const std::uint32_t found = find_property(frame, shadow ? name.substr(1) : name);
  if (properties_.size() - frame.properties > options_.properties_max) {
    return fatal(IssueCode::too_costly, "json-properties-max", "an object has too many properties");
  }
  Property& property = properties_[found];
  bool& seen = shadow ? property.shadow : property.plain;
  Element& parent = *frame.element;
  if (seen) {
    shape(parent, name, place_, "json-duplicate-property", "this property is there twice");
    return skip_value();
  }
  seen = true;
  return read_value(parent, found, shadow);
}

std::uint32_t TreeBuilder::find_property(Frame& frame, std::string_view name) {
  const std::uint64_t bit = name_bit(name);
  if ((frame.names & bit) != 0) {
    for (std::size_t i = frame.properties; i < properties_.size(); ++i) {
      if (properties_[i].name == name) return static_cast<std::uint32_t>(i);
    }
  }
  frame.names |= bit;
  properties_.push_back({name});
  return static_cast<std::uint32_t>(properties_.size() - 1);
}

bool TreeBuilder::read_resource_type(Frame& frame) {
  Element& element = *frame.element;
  if (scan_.peek() != '"') {
    shape(element, "resourceType", place_, "json-resource-type", "resourceType must be a string",
          true);
    return skip_value();
  }
  std::string_view type;
  if (!scan_.string(type, document_)) return syntax(scan_.error());
  if (element.resource()) {
    shape(element, "resourceType", place_, "json-duplicate-property",
          "this property is there twice");
    return true;
  }
  document_.view_value(element, type, Kind::resource);
  return true;
}

bool TreeBuilder::read_value(Element& parent, std::uint32_t index, bool shadow) {
  const char next = scan_.peek();
  if (next == '[') return open_array(parent, index, shadow);
  if (shadow) return read_shadow(parent, index);
  Property& property = properties_[index];
  Element* const twin = property.first;
  if (property.shadow_array) {
    shape(parent, property.name, place_, "json-array-pair",
          "one of the pair with and without underscore is an array, the other is not");
  }
  if (next == '{') {
    Element* const child = add(parent, property, {}, Kind::complex, 0, twin);
    return child != nullptr && open_object(*child, property.name);
  }
  std::string_view value;
  Kind kind = Kind::null;
  if (!read_literal(value, kind)) return false;
  if (kind == Kind::null) {
    shape(parent, property.name, place_, "json-null", "a property must not be null");
    return true;
  }
  return add(parent, property, value, kind, 0, twin) != nullptr;
}

bool TreeBuilder::read_literal(std::string_view& value, Kind& kind) {
  switch (scan_.peek()) {
    case '"':
      kind = Kind::string;
      return scan_.string(value, document_) || syntax(scan_.error());
    case 't':
      kind = Kind::boolean;
      value = "true";
      return scan_.word(value) || syntax(scan_.error());
    case 'f':
      kind = Kind::boolean;
      value = "false";
      return scan_.word(value) || syntax(scan_.error());
    case 'n':
      kind = Kind::null;
      return scan_.word("null") || syntax(scan_.error());
    default:
      kind = Kind::number;
      return scan_.number(value) || syntax(scan_.error());
  }
}

// The value of `_name` outside an array: an object with the id and extensions of the primitive.
bool TreeBuilder::read_shadow(Element& parent, std::uint32_t index) {
  Property& property = properties_[index];
  if (scan_.peek() != '{') {
    const bool null = scan_.peek() == 'n';
    shape(parent, property.name, place_, null ? "json-null" : "json-underscore",
          "the property with the underscore must be an object or an array", !null);
    return skip_value();
  }
  Element* element = property.first;
  if (element == nullptr) element = add(parent, property, {}, Kind::null, 0, nullptr);
  if (element == nullptr) return false;
  if (property.plain_array) {
    shape(parent, property.name, place_, "json-array-pair",
          "one of the pair with and without underscore is an array, the other is not");
  }
  if (!element->primitive()) {
    shape(parent, property.name, place_, "json-underscore",
          "only a primitive has a property with an underscore", true);
    return skip_value();
  }
  return open_object(*element, {});
}

bool TreeBuilder::open_array(Element& parent, std::uint32_t index, bool shadow) {
  scan_.advance();
  Property& property = properties_[index];
  (shadow ? property.shadow_array : property.plain_array) = true;
  const bool other_seen = shadow ? property.plain : property.shadow;
  const bool other_array = shadow ? property.plain_array : property.shadow_array;
  if (other_seen && property.first != nullptr && !other_array) {
    shape(parent, property.name, place_, "json-array-pair",
          "one of the pair with and without underscore is an array, the other is not");
  }
  Frame frame;
  frame.element = &parent;
  frame.mode = shadow ? Mode::shadow_array : Mode::array;
  frame.property = index;
  frame.twin = property.first;
  frame.place = place_;
  if (frames_.size() >= options_.depth_max) {
    return fatal(IssueCode::too_costly, "json-depth-max", "the text is nested too deep");
  }
  frames_.push_back(frame);
  return true;
}

bool TreeBuilder::open_object(Element& element, std::string_view name) {
  scan_.advance();
  if (frames_.size() >= options_.depth_max) {
    return fatal(IssueCode::too_costly, "json-depth-max", "the text is nested too deep");
  }
  Frame frame;
  frame.element = &element;
  frame.type_slot = holds_resource(name);
  frame.properties = properties_.size();
  frame.place = place_;
  frames_.push_back(frame);
  return true;
}

bool TreeBuilder::step_array(Frame& frame) {
  scan_.skip_blanks();
  if (scan_.peek() == ']') {
    scan_.advance();
    return close_array(frame);
  }
  if (frame.started) {
    if (scan_.peek() != ',') return syntax("a comma or the end of the array was expected");
    scan_.advance();
    scan_.skip_blanks();
  }
  frame.started = true;
  place_ = here();
  if (scan_.peek() == '[') {
    shape(*frame.element, properties_[frame.property].name, place_, "json-nested-array",
          "an array must not hold an array", true);
    return skip_value();
  }
  return frame.mode == Mode::array ? read_item(frame) : read_shadow_item(frame);
}

bool TreeBuilder::read_item(Frame& frame) {
  Property& property = properties_[frame.property];
  Element& parent = *frame.element;
  Element* const twin = frame.twin;
  const std::uint32_t index = frame.index++;
  if (twin != nullptr) frame.twin = next_twin(document_, *twin);
  if (scan_.peek() == '{') {
    Element* const child = add(parent, property, {}, Kind::complex, index, twin);
    if (child == nullptr) return false;
    document_.set_listed(*child, true);
    return open_object(*child, property.name);
  }
  std::string_view value;
  Kind kind = Kind::null;
  if (!read_literal(value, kind)) return false;
  property.nulls = property.nulls || kind == Kind::null;
  Element* const child = add(parent, property, value, kind, index, twin);
  if (child != nullptr) document_.set_listed(*child, true);
  return child != nullptr;
}

bool TreeBuilder::read_shadow_item(Frame& frame) {
  Property& property = properties_[frame.property];
  Element& parent = *frame.element;
  Element* twin = frame.twin;
  const std::uint32_t index = frame.index++;
  const bool null = scan_.peek() == 'n';
  if (twin == nullptr) {
    if (property.plain) {
      shape(parent, property.name, place_, "json-array-length",
            "the array with the underscore is longer than the one without");
    }
    twin = add(parent, property, {}, Kind::null, index, nullptr);
    if (twin == nullptr) return false;
    document_.set_listed(*twin, true);
    property.nulls = true;
  } else {
    frame.twin = next_twin(document_, *twin);
  }
  if (null) return scan_.word("null") || syntax(scan_.error());
  if (scan_.peek() != '{' || !twin->primitive()) {
    shape(parent, property.name, place_, "json-underscore",
          "an array with an underscore holds objects, each for a primitive, and nulls", true);
    return skip_value();
  }
  return open_object(*twin, {});
}

bool TreeBuilder::close_array(Frame& frame) {
  if (!frame.started) {
    shape(*frame.element, properties_[frame.property].name, frame.place, "json-empty-array",
          "an array must not be empty");
  }
  frames_.pop_back();
  return true;
}

bool TreeBuilder::close_object(Frame& frame) {
  for (std::size_t i = frame.properties; i < properties_.size(); ++i) {
    if (!properties_[i].nulls) continue;
    for (const Element& item : frame.element->children(properties_[i].name)) {
      if (item.kind() != Kind::null || item.has_children()) continue;
      shape(*frame.element, properties_[i].name, {item.line(), item.column()}, "json-null-item",
            "a null in an array needs an id or extension at the same place of the array with the "
            "underscore");
    }
  }
  if (frame.element->primitive() && !frame.element->has_children()) {
    shape(*frame.element, {}, frame.place, "json-underscore",
          "the property with the underscore must not be empty");
  }
  properties_.resize(frame.properties);
  const bool root = frames_.size() == 1;
  if (frame.type_slot && !frame.element->resource() && root && !options_.fragment) {
    shape(*frame.element, {}, frame.place, "json-resource-type", "there is no resourceType", true);
  }
  frames_.pop_back();
  return true;
}

// Reads a value that has no place in the tree, for its syntax: it is built outside and forgotten.
bool TreeBuilder::skip_value() {
  const char next = scan_.peek();
  if (next == '{') return open_object(document_.detached(), {});
  if (next == '[') {
    properties_.push_back({"\x01"});
    return open_array(document_.detached(), static_cast<std::uint32_t>(properties_.size() - 1),
                      false);
  }
  std::string_view ignored;
  Kind kind = Kind::null;
  return read_literal(ignored, kind);
}

// The element for item `index` of the property: `twin` when the other half of the pair made it.
Element* TreeBuilder::add(Element& parent, Property& property, std::string_view value, Kind kind,
                          std::uint32_t index, Element* twin) {
  if (twin != nullptr) {
    if (!fill(*twin, value, kind)) {
      shape(parent, property.name, place_, "json-underscore",
            "only a primitive has a property with an underscore", true);
    }
    return twin;
  }
  if (!count_element()) return nullptr;
  Element* child = nullptr;
  if (property.first != nullptr && parent.last_child()->name() != property.name) {
    child = &document_.append(parent, property.name, {}, kind);
    document_.view_value(*child, value, kind);
  } else {
    child = &document_.link(parent, property.name, value, kind, index);
  }
  document_.place(*child, place_.line, place_.column);
  if (property.first == nullptr) property.first = child;
  return child;
}

bool TreeBuilder::fill(Element& twin, std::string_view value, Kind kind) {
  document_.view_value(twin, value, kind);
  return is_primitive(kind);
}

bool TreeBuilder::count_element() {
  if (++elements_ <= options_.elements_max) return true;
  return fatal(IssueCode::too_costly, "json-elements-max", "there are too many elements");
}

bool TreeBuilder::fatal(IssueCode code, std::string_view rule, std::string_view why) {
  Issue issue;
  issue.severity = Severity::fatal;
  issue.code = code;
  issue.rule = rule;
  issue.line = scan_.line();
  issue.column = scan_.column();
  issue.diagnostics = why;
  if (!frames_.empty()) issue.path = path_of(*frames_.back().element);
  issues_.add(std::move(issue));
  return false;
}

void TreeBuilder::shape(const Element& parent, std::string_view name, Place place,
                        std::string_view rule, std::string_view why, bool always_error) {
  if (&parent.root() != &document_.root()) return;  // inside a skipped value: already reported
  Issue issue;
  issue.severity = options_.strict || always_error ? Severity::error : Severity::warning;
  issue.code = IssueCode::structure;
  issue.rule = rule;
  issue.line = place.line;
  issue.column = place.column;
  issue.path = path_of(parent);
  if (!name.empty()) {
    if (!issue.path.empty()) issue.path += '.';
    issue.path += name.size() > 1 && name.front() == '_' ? name.substr(1) : name;
  }
  issue.diagnostics = why;
  issues_.add(std::move(issue));
}

}  // namespace cpis::fhir::json
