/* Stands in for the agent: notes that it was started and how, and ends with the exit code that C:\keeper\end.txt holds. */
#include <windows.h>
#include <stdio.h>

int main(int count, char **words) {
    FILE *file = fopen("C:\\keeper\\started.txt", "a");
    fprintf(file, "%s %s\n", count > 1 ? words[1] : "", count > 2 ? words[2] : "");
    fclose(file);
    for (;;) {
        int code;
        Sleep(100);
        file = fopen("C:\\keeper\\end.txt", "r");
        if (!file) continue;
        int read = fscanf(file, "%d", &code);
        fclose(file);
        if (read != 1) continue;
        remove("C:\\keeper\\end.txt");
        return code;
    }
}
