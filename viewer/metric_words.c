/* metric_words.c - the table of metrics: what each is called, and what exactly it is. */
#include "answer_metrics.h"

const struct metric_words metric_words[METRIC_N] = {
    [METRIC_NPS] = { "nps", "净推荐值 NPS", "NPS", "推荐者(9–10)% − 贬损者(0–6)%,−100 至 +100", "% promoters (9–10) − % detractors (0–6), −100 to +100", METRIC_POINTS, false, 0, 10, SCORE_NPS_MIN },
    [METRIC_CSAT5] = { "csat5_satisfied", "满意比例(5 点)", "Satisfied, 5-point", "4 或 5 分的回答 ÷ 全部 5 点回答", "answers of 4 or 5 among those on five points", METRIC_SHARE, false, 1, 5, CELL_ROWS_MIN },
    [METRIC_CSAT5_VERY] = { "csat5_very", "非常满意比例(5 点)", "Very satisfied, 5-point", "5 分的回答 ÷ 全部 5 点回答", "answers of 5 among those on five points", METRIC_SHARE, false, 1, 5, CELL_ROWS_MIN },
    [METRIC_CSAT5_MEAN] = { "csat5_mean", "满意度均值(5 点)", "Satisfaction, 5-point mean", "每位顾客先取自己的均值,再取均值;1–5", "mean of customers' own means, 1 to 5", METRIC_SCALE, false, 1, 5, VOICE_SMALL_N },
    [METRIC_CSAT7] = { "csat7_satisfied", "满意比例(7 点)", "Satisfied, 7-point", "6 或 7 分的回答 ÷ 全部 7 点回答", "answers of 6 or 7 among those on seven points", METRIC_SHARE, false, 1, 7, CELL_ROWS_MIN },
    [METRIC_CSAT7_VERY] = { "csat7_very", "非常满意比例(7 点)", "Very satisfied, 7-point", "7 分的回答 ÷ 全部 7 点回答", "answers of 7 among those on seven points", METRIC_SHARE, false, 1, 7, CELL_ROWS_MIN },
    [METRIC_CSAT7_MEAN] = { "csat7_mean", "满意度均值(7 点)", "Satisfaction, 7-point mean", "每位顾客先取自己的均值,再取均值;1–7", "mean of customers' own means, 1 to 7", METRIC_SCALE, false, 1, 7, VOICE_SMALL_N },
    [METRIC_CES_MEAN] = { "ces7_mean", "客户努力度 CES", "Effort (CES), mean", "每位顾客先取自己的均值,再取均值;1 = 轻松,7 = 费力", "mean of customers' own means, 1 easy to 7 hard", METRIC_SCALE, true, 1, 7, VOICE_SMALL_N },
    [METRIC_CES_HIGH] = { "ces7_high", "高努力比例", "High effort", "5–7 分的回答 ÷ 全部回答", "answers of 5 to 7 among all", METRIC_SHARE, true, 1, 7, CELL_ROWS_MIN },
    [METRIC_EMOTION] = { "emotion_mean", "情感均值", "Emotion, mean", "每位顾客先取自己的均值,再取均值;−2 至 +2", "mean of customers' own means, -2 to +2", METRIC_SCALE, false, -2, 2, VOICE_SMALL_N },
    [METRIC_WITHIN] = { "within", "时限内达成率", "Within standard", "时限内完成 ÷ 已完成或已到期", "in time, among those that were due", METRIC_SHARE, false, 0, 1, CELL_ROWS_MIN },
    [METRIC_CONFORM] = { "conform", "达标率", "Kept", "做到 ÷ 应做到", "kept, among the chances that it was", METRIC_SHARE, false, 0, 1, CELL_ROWS_MIN },
    [METRIC_FIRST_CONTACT] = { "first_contact", "首次解决率", "Resolved at first contact", "期限内未再次联系且旅程中未转接 ÷ 已到期的解决", "the customer did not come again in time and nothing in the journey was passed on, among those whose time is over", METRIC_SHARE, false, 0, 1, CELL_ROWS_MIN },
    [METRIC_DIRECT] = { "direct", "直接处理比例", "Handled without a transfer", "未转接的联系 ÷ 联系", "contacts not passed on, among contacts", METRIC_SHARE, false, 0, 1, CELL_ROWS_MIN },
};
