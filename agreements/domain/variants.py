"""Characters that are written differently but searched for as one: an own small table.

Each group lists one character as it is searched, then its variants. The groups hold what appears in names of
persons, places and companies and in older documents: 異体字, 旧字体, and the radical code points that text
extracted from PDF files often holds in place of the ideographs. Unicode's NFKC, applied before, already
unifies compatibility ideographs (神 → 神); variation selectors (葛󠄀) are dropped.
"""

_GROUPS = """
    高髙 崎﨑嵜㟢 吉𠮷 辺邊邉 斉齊斎齋⻫ 浜濱濵 島嶋嶌嶹 沢澤 広廣 国國囯圀 竜龍⻯ 滝瀧 桜櫻 真眞 恵惠 栄榮
    学學斈 会會 実實 寿壽 条條 蔵藏 円圓 鉄鐵鉃 駅驛 県縣 関關 図圖 団團 徳德悳 増增 黒黑 緑綠 曽曾 富冨
    峰峯 館舘 桧檜 桑桒 柳栁 槙槇 瀬瀨 頼賴 藪薮 籠篭 鴎鷗 淵渕渊 亀龜⻲ 尭堯 遥遙 瑶瑤 巌巖 弥彌 穂穗 涼凉
    野埜 芦蘆 鯵鰺 与與 豊豐 礼禮 静靜 青靑⻘ 清淸 浅淺 万萬 聡聰 続續 総總 声聲 粛肅 台臺 旧舊 荘莊庄 茎莖
    誉譽 証證 変變 読讀 売賣 転轉 弁辨辯瓣辦 遅遲 医醫 釈釋 鉱鑛礦 隠隱 霊靈 験驗 塩鹽 麦麥⻨ 点點奌 歯齒⻭
    齢齡 闘鬪 独獨 当當 尽盡 称稱 並竝 粋粹 糸絲 経經 絵繪 継繼 児兒 内內 両兩 冊册 写寫 処處 剣劍劔剱 剤劑
    労勞 効效 勲勳 区區 参參 双雙 収收 叙敍敘 号號 営營 嘱囑 塁壘 壊壞 壌壤 壱壹 奥奧 奨獎 妙玅 嬢孃 宝寶寳
    専專 将將 尚尙 届屆 属屬 岳嶽 峡峽 巣巢 帯帶 帰歸 庁廳 廃廢 弐貳 弾彈 従從 応應 恋戀 悪惡 慎愼 懐懷 戦戰
    戯戲 戸戶 払拂 抜拔 択擇 担擔 拝拜 拠據 拡擴 挙擧舉 挿插 捜搜 掲揭 摂攝 数數 断斷 暁曉 晩晚 暦曆 朗朖
    来來 枢樞 栃杤 楼樓 楽樂 様樣 横橫 検檢 権權 欠缺 歓歡 歩步 歳歲 歴歷 残殘 殻殼 殴毆 気氣 没沒 渉涉 済濟
    渋澁 渓溪谿 満滿 湾灣 湿濕 潜潛 焼燒 灯燈 炉爐 為爲 猟獵 献獻 画畫劃 畳疊 痴癡 発發 研硏 砕碎 祢禰 禅禪
    秘祕 稲稻 穏穩 穣穰 窃竊 竃竈 糧粮 絶絕 縁緣 縄繩 縦縱 繊纖 缶罐 翻飜 聴聽 脳腦 胆膽 臓臟 舎舍 艶艷 芸藝
    蒋蔣 薫薰 虫蟲 虚虛 蛍螢 蛮蠻 衛衞 装裝 覚覺 覧覽 観觀 触觸 訳譯 説說 謡謠 予豫 賎賤 賛贊 践踐 軽輕 辞辭
    逓遞 郎郞 郷鄕 酔醉 醸釀 録錄 銭錢 鋳鑄 鎮鎭 陥陷 険險 随隨 隣鄰 雑雜襍 覇霸 顔顏 顕顯 飲飮 余餘 餅餠
    駆驅 騒騷 髄髓 鶏鷄 麺麵 黄黃⻩ 黙默 民⺠ 長⻑ 西⻄ 食⻝ 鬼⻤ 虎⻁ 祇祗 梼檮 祷禱 涛濤 蝋蠟 頬頰 躯軀
    屏屛 并幷 掻搔 填塡 剥剝 叱𠮟 噛嚙 嚢囊 繋繫 莱萊 醤醬 麹麴 痩瘦 箪簞 鹸鹼 撹攪 攅攢 角⻆ 雨⻗
"""


VARIANTS = {ord(variant): group[0] for group in _GROUPS.split() for variant in group[1:]}
"""Variant (code point) → the character as it is searched, for `str.translate`."""
