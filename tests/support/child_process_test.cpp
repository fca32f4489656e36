// The child processes of tests: spoken to, waited for, never left behind.
#include "tests/support/child_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

namespace cardea {
namespace {

// A process that was killed is listed for a moment more; a zombie, which waits for init, has ended.
bool has_ended(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    return !std::getline(file, line) || line.find(" Z ") != std::string::npos;
}

bool ends_within(pid_t process, Milliseconds limit) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (!has_ended(process)) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

TEST(ChildProcesses, ThatDoNotExistThrow) {
    EXPECT_THROW(ChildProcess({"no-such-program-anywhere"}), std::system_error);
}

TEST(ChildProcesses, AreReadLineByLine) {
    ChildProcess child({"sh", "-c", "echo one; echo two; printf three"});

    EXPECT_EQ(child.read_line(5s), "one");
    EXPECT_EQ(child.read_line(5s), "two");
    EXPECT_EQ(child.read_line(5s), std::nullopt);
    EXPECT_EQ(child.read_all(5s), "three");
}

TEST(ChildProcesses, AreNotWaitedForLongerThanTheLimit) {
    ChildProcess child({"sleep", "60"});

    EXPECT_EQ(child.read_line(20ms), std::nullopt);
    EXPECT_EQ(child.wait(20ms), std::nullopt);
}

TEST(ChildProcesses, ReadWhatIsWritten) {
    ChildProcess child({"cat"});
    child.write("hello\n");

    EXPECT_EQ(child.read_line(5s), "hello");
    child.close_input();
    EXPECT_EQ(child.wait(5s), 0);
}

TEST(ChildProcesses, TellHowTheyEnded) {
    ChildProcess good({"true"});
    ChildProcess bad({"sh", "-c", "exit 84"});
    ChildProcess killed({"sleep", "60"});
    killed.signal(SIGTERM);

    EXPECT_EQ(good.wait(5s), 0);
    EXPECT_EQ(bad.wait(5s), 84);
    EXPECT_EQ(killed.wait(5s), 128 + SIGTERM);
}

TEST(ChildProcesses, HaveTheirFolderAndEnvironment) {
    ChildProcess::Options options;
    options.folder = "/";
    options.environment = {{"CARDEA_WORD", "hello"}};
    ChildProcess child({"sh", "-c", "pwd; echo $CARDEA_WORD"}, options);

    EXPECT_EQ(child.read_line(5s), "/");
    EXPECT_EQ(child.read_line(5s), "hello");
}

TEST(ChildProcesses, DieWithTheirOwner) {
    auto child = std::make_unique<ChildProcess>(
        std::vector<std::string>{"sh", "-c", "sleep 60 & echo $!; wait"});
    auto grandchild = static_cast<pid_t>(std::stol(child->read_line(5s).value()));
    auto pid = child->pid();

    child.reset();

    EXPECT_NE(::kill(pid, 0), 0);
    EXPECT_TRUE(ends_within(grandchild, 5s));
}

}  // namespace
}  // namespace cardea
