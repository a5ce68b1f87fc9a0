#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/xml/reader.h"
#include "fhir/xml/sax.h"

namespace cpis::fhir::xml {

/// Builds a tree from the events of one parse. For one use; see reader.h for the contract.
class TreeBuilder final : public SaxEvents {
 public:
  TreeBuilder(std::string_view text, Document& document, Issues& issues, const ReadOptions& options)
      : text_{text},
        document_{document},
        issues_{issues},
        options_{options},
        line_{options.first_line} {}

  bool run();

  bool start(const StartTag& tag) override;
  bool end(std::size_t end) override;
  bool text(std::string_view text) override;
  bool comment(std::string_view text) override;

 private:
  struct Frame {
    Element* element = nullptr;
    Schema::TypeId type = Schema::no_type;
    std::uint16_t order = 0;   // of the last child
    bool transparent = false;  // the resource inside `contained`: its children go to the parent
  };

  bool start_root(const StartTag& tag);
  bool start_child(const StartTag& tag);
  bool start_resource(const StartTag& tag, Frame& frame);
  bool start_div(const StartTag& tag, Frame& frame);
  void start_nested(const StartTag& tag);
  void read_attributes(const StartTag& tag, Element& element, const Schema::Member* member);
  void check_order(Frame& frame, const Element& child, std::uint16_t order);
  void check_namespace(const StartTag& tag, const Element& element);
  std::string_view name_of(const StartTag& tag) const;
  Element& add(Element& parent, std::string_view name, std::string_view value, Kind kind);
  void place(Element& element, std::size_t offset);
  void move_to(std::size_t offset);

  bool fatal(IssueCode code, std::string_view rule, std::string_view why, std::size_t offset);
  void finding(const Element& element, std::string_view rule, std::string_view why,
               bool always_error = false);

  std::string_view text_;
  Document& document_;
  Issues& issues_;
  const ReadOptions& options_;
  std::vector<Frame> frames_;
  std::size_t elements_ = 0;

  // The narrative being read: depth inside it, where it began, and its text when it cannot be taken
  // over byte for byte because a namespace is declared outside.
  std::size_t div_depth_ = 0;
  std::size_t div_begin_ = 0;
  bool div_rewritten_ = false;
  std::string div_text_;
  std::vector<std::string> div_names_;

  // Line counting goes forward only.
  std::size_t counted_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_;
};

}  // namespace cpis::fhir::xml
