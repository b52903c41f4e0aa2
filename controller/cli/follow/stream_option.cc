#include "controller/cli/follow/stream_option.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace tutti::cli {

void AddStreamOption(CLI::App& verb, v1::OutputStream& stream) {
  verb.add_option_function<std::string>(
          "--stream",
          [&stream](const std::string& text) {
            stream = text == "stderr" ? v1::OUTPUT_STREAM_STDERR
                                      : v1::OUTPUT_STREAM_STDOUT;
          },
          "stdout or stderr; default: both")
      ->check([](const std::string& text) -> std::string {
        if (text == "stdout" || text == "stderr") return "";
        return fmt::format(
            "'{}' is neither stdout nor stderr; give one of them, or leave it "
            "out for both",
            text);
      })
      ->type_name("STREAM");
}

}  // namespace tutti::cli
