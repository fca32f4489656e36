// The child processes of tests: spoken to, waited for, never left behind.
#include "tests/support/child_process.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

namespace cardea {
namespace {

// A killed process ends a moment later: its descriptor tells when, also before init has reaped it.
bool ends_within(pid_t process, Milliseconds limit) {
    auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
    if (descriptor < 0) return errno == ESRCH;
    pollfd ended{descriptor, POLLIN, 0};
    bool in_time = poll(&ended, 1, static_cast<int>(limit.count())) == 1;
    close(descriptor);
    return in_time;
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
