package dev.gyre.cli;

import dev.gyre.Attention;
import dev.gyre.AttentionDrawing;
import dev.gyre.AttentionPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gyre attention}. */
@Command(
        name = "attention",
        sortOptions = false,
        description = {
            "Shows where a model looks: heat maps of its attention weights for one text, every layer and head, in a page that"
                    + " needs nothing but a browser (.html), or one of them as a drawing (.svg).",
            "Of an encoder-decoder, the target is what the model makes of the text, unless --target gives another."
        })
final class AttentionCommand implements Callable<Integer> {

    @Parameters(paramLabel = "TEXT", description = "The text to look at.")
    private String text = "";

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(names = "--target", paramLabel = "TEXT", description = "The translation to look at.")
    private @Nullable String target;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "File to write: .html or .svg.")
    private Path output = Path.of("");

    @Option(
            names = "--layer",
            paramLabel = "N",
            defaultValue = "-1",
            description = "For .svg: the layer, from 0. Without: the last.")
    private int layer;

    @Option(
            names = "--head",
            paramLabel = "N",
            defaultValue = "-1",
            description = "For .svg: the head, from 0. Without: the mean of all.")
    private int head;

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Override
    public Integer call() throws IOException {
        String name = String.valueOf(output.getFileName());
        boolean svg = name.endsWith(".svg");
        if (!svg && !name.endsWith(".html")) {
            throw new UserException(output + " must end in .html or .svg");
        }
        if (text.isBlank()) {
            throw new UserException("the text is empty");
        }
        String page;
        try {
            Attention attention = Attention.of(model.folder(), text, target, device.device(), device.options());
            page = svg ? AttentionDrawing.svg(attention, layer, head) : AttentionPage.html(attention);
        } catch (IllegalArgumentException e) {
            throw new UserException(Failure.oneLine(e.getMessage()), e);
        }
        Path partial = output.resolveSibling(name + ".partial");
        Files.writeString(partial, page, StandardCharsets.UTF_8);
        Files.move(partial, output, StandardCopyOption.REPLACE_EXISTING);
        return ExitCode.OK;
    }
}
