#include "adapters/social_care/ssda903_xml/reader.h"

#include <string>
#include <vector>

#include "adapters/social_care/ssda903/episode.h"
#include "adapters/social_care/xml/xml_files.h"
#include "adapters/social_care/xml/xml_walk.h"

namespace cpis::social_care::ssda903_xml {
namespace {

constexpr std::size_t episodes_of_a_child_max = 1000;  // the schema allows 366

struct EpisodeText {
  std::string start, end, status, reason;
  RowRef at;
};

class ChildReader final : public XmlHandler {
 public:
  explicit ChildReader(Extract& extract) : extract_{extract} {}

  void open(Path path, RowRef at) override {
    if (path.size() == 2 && path[1] == "CHILD") {
      child_.clear();
      birth_.clear();
      episodes_.clear();
      child_at_ = at;
    }
    if (path.size() != 3 || path[2] != "EPISODE") return;
    if (episodes_.size() == episodes_of_a_child_max) {
      return extract_.refuse(Rule::f01, extract_.file_name(at), at.line, "EPISODE",
                             "too many episodes of one child");
    }
    episodes_.push_back({{}, {}, {}, {}, at});
  }

  void text(Path path, std::string_view text) override {
    if (path.size() != 4 || path[1] != "CHILD") return;
    const std::string& leaf = path[3];
    if (path[2] == "HEADER") {
      if (leaf == "CHILDID" || leaf == "CHILD") child_ += text;
      if (leaf == "DOB") birth_ += text;
    } else if (path[2] == "EPISODE" && !episodes_.empty()) {
      EpisodeText& episode = episodes_.back();
      if (leaf == "DECOM") episode.start += text;
      if (leaf == "DEC") episode.end += text;
      if (leaf == "LS") episode.status += text;
      if (leaf == "REC") episode.reason += text;
    }
  }

  void close(Path path) override {
    if (path.size() == 2 && path[1] == "CHILD") add_child();
  }

 private:
  DayValue day(const std::string& text) const { return read_day(extract_.profile(), text); }

  void add_child() {
    extract_.counts.rows += 1 + episodes_.size();
    ssda903::add_child(extract_, child_, day(birth_), child_at_);
    if (child_.empty()) return;
    for (const EpisodeText& episode : episodes_) {
      ssda903::add_episode(extract_, {child_, episode.status, episode.reason, day(episode.start),
                                      day(episode.end), episode.at});
    }
  }

  Extract& extract_;
  std::string child_;
  std::string birth_;
  RowRef child_at_;
  std::vector<EpisodeText> episodes_;
};

}  // namespace

void read_rows(Extract& extract, ExportSet& files, Day) {
  read_xml_files(extract, files, [&extract](Source& source) {
    ChildReader reader{extract};
    walk_xml(source, extract, "EXPSSDA903", reader);
  });
}

}  // namespace cpis::social_care::ssda903_xml
