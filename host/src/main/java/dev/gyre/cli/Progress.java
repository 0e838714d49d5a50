package dev.gyre.cli;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Sentences per second and the time left, for a person who watches a terminal; nothing for anybody else. */
final class Progress implements AutoCloseable {

    private static final int WIDTH = 79;

    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    static Progress none() {
        return new Progress(null);
    }

    /**
     * @param total sentences in all
     * @param done sentences of an earlier run
     */
    static Progress on(PrintStream err, long total, long done) {
        return new Progress(new ProgressBarBuilder()
                .setTaskName("translating")
                .setInitialMax(total)
                .startsFrom(done, Duration.ZERO)
                .setUnit(" sentences", 1)
                .showSpeed()
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
                .build());
    }

    void step() {
        if (bar != null) {
            bar.step();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
